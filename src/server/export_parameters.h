// SPDX-License-Identifier: Apache-2.0
// The query parameters of GET /api/audit/export: the filters of the list, and a format.
#pragma once

#include "server/entry_parameters.h"
#include "sink/formats.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace tally::server {

inline constexpr auto kExportParameters = [] {
  constexpr std::size_t kFields = kFieldParameters.size();
  std::array<Parameter, kFields + 4> out{};
  // The list begins with the parameters that compare a field.
  for (std::size_t i = 0; i < kFields; ++i) out[i] = kListParameters[i];
  out[kFields] = Parameter{"start_time", ParameterKind::time,
                           "From this time on; without it from the beginning. Without a zone it "
                           "is UTC."};
  for (const Parameter& each : kListParameters) {
    if (each.name == "end_time") out[kFields + 1] = each;
    if (each.name == "q") out[kFields + 2] = each;
  }
  out[kFields + 3] = Parameter{
      "format", ParameterKind::word, "docs/export-formats.md.", sink::kFormatNames, 0, 0, 0,
      "json"};
  return out;
}();
static_assert(std::ranges::none_of(kExportParameters, [](const Parameter& each) {
  return each.name.empty() || each.name == "limit";
}));

}  // namespace tally::server
