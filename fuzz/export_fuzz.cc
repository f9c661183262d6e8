// SPDX-License-Identifier: Apache-2.0
// A line of a log through every format of an export: what was JSON stays JSON without ambiguous
// keys, and CSV keeps its columns.
#include "base/check.h"
#include "base/json.h"
#include "sink/csv_format.h"
#include "sink/formats.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace {

std::size_t cells_of(std::string_view csv) {
  bool quoted = false;
  std::size_t cells = 0;
  for (std::size_t i = 0; i < csv.size(); ++i) {
    if (csv[i] == '"') quoted = !quoted;
    if (!quoted && (csv[i] == ',' || csv.substr(i).starts_with("\r\n"))) ++cells;
  }
  TALLY_CHECK(!quoted);
  return cells;
}

void check_object(std::string_view text) {
  tally::json::Document document;
  const auto object = document.parse(text);
  TALLY_CHECK(object && object->is(tally::json::Kind::object));
  const auto twice = tally::json::ambiguous_key(*object);
  TALLY_CHECK(!twice || twice->case_only);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tally;
  const std::string line(reinterpret_cast<const char*>(data), size);
  json::Document document;
  const auto object = document.parse(line);
  const bool sound = object && object->is(json::Kind::object) && !json::ambiguous_key(*object) &&
                     line.find("claimed_") == std::string::npos;
  for (const sink::Format& format : sink::kFormats) {
    const auto exporter = format.make();
    std::string out;
    exporter->entry(out, {7, line, "c7", "c6"});
    if (format.name == "csv") {
      TALLY_CHECK(cells_of(out) == sink::kCsvColumns.size());
    } else if (sound) {
      check_object(out);
    }
  }
  return 0;
}
