// SPDX-License-Identifier: Apache-2.0
#include "sink/formats.h"

#include <algorithm>

namespace tally::sink {

const Format* find_format(std::string_view name) {
  const auto* const at = std::ranges::find(kFormats, name, &Format::name);
  return at == kFormats.end() ? nullptr : at;
}

std::string format_names_text() {
  std::string out;
  for (std::size_t i = 0; i < kFormats.size(); ++i) {
    if (i > 0) out += i + 1 == kFormats.size() ? " or " : ", ";
    out += kFormats[i].name;
  }
  return out;
}

}  // namespace tally::sink
