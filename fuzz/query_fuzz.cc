// SPDX-License-Identifier: Apache-2.0
// Query expressions and lines of a log: the first line of the input is the expression, the rest is
// a line.
#include "base/check.h"
#include "index/expression.h"
#include "index/matcher.h"
#include "index/table.h"

#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tally::index;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\n');
  const std::string_view text = input.substr(0, end);
  const std::string_view line =
      end == std::string_view::npos ? std::string_view() : input.substr(end + 1);
  const ParseOptions options = {
      .now = *tally::parse_time("2026-11-21T19:00:00Z"),
      .hash_session = [](std::string_view id) { return "hmac:" + std::string(id); }};
  if (auto expression = parse_expression(text, options)) {
    const bool empty = expression->terms.empty();
    const Matcher matcher(std::move(*expression));
    TALLY_CHECK(!empty || matcher.matches(line));
    (void)matcher.seq_range();
  } else {
    const std::string& why = expression.error().detail;
    TALLY_CHECK(why.starts_with("position ") || why.starts_with("the expression "));
  }
  for (const Format format : {Format::table, Format::json, Format::ndjson, Format::csv}) {
    Printer printer(format, {.width = 80});
    std::string out;
    printer.begin(out);
    printer.event(out, line);
    printer.end(out);
    // Nothing that was logged moves the cursor.
    TALLY_CHECK(format != Format::table ||
                out.find_first_of("\x1b\r\x07\x7f") == std::string::npos);
  }
  return 0;
}
