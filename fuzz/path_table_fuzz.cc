// SPDX-License-Identifier: Apache-2.0
// Paths of requests against the table: every reading is normalised, and what dots, slashes and
// escapes do to a path never takes it out of the table.
#include "base/check.h"
#include "http/target.h"
#include "rest/path_readings.h"
#include "rest/path_table.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using tally::rest::PathTable;

namespace {

const PathTable& table() {
  static const PathTable kTable = [] {
    const auto rows = tally::rest::contextforge_paths();
    return *PathTable::make({rows.begin(), rows.end()});
  }();
  return kTable;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string path(reinterpret_cast<const char*>(data), size);
  const auto readings = tally::rest::path_readings(path);
  TALLY_CHECK(!readings.empty());
  for (const std::string& one : readings) {
    TALLY_CHECK(one.starts_with('/') || one == path);
    TALLY_CHECK(one.find("//") == std::string::npos);
  }
  const auto found = table().find("POST", path);
  TALLY_CHECK(found.id.size() <= 512);
  // However a server folds the path: what it would run is in the table then, too.
  const std::string folded = tally::http::folded_path(path);
  const auto plain = table().find("POST", folded);
  if (plain.rule != nullptr && folded.find_first_of("%;\\.") == std::string::npos) {
    TALLY_CHECK(found.rule != nullptr);
  }
  return 0;
}
