// SPDX-License-Identifier: Apache-2.0
// What another reader of CSV makes of it: tests/cli/export_test.cc.
#include "sink/csv_format.h"

#include "sink/exported.h"

#include <algorithm>

namespace tally::sink {
namespace {

using test::exported;

std::vector<std::vector<std::string>> table_of(std::string_view text) {
  std::vector<std::vector<std::string>> out;
  std::vector<std::string> row(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool twice = text[i] == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"';
    if (twice) {
      row.back() += text[++i];
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == ',' && !quoted) {
      row.emplace_back();
    } else if (text.substr(i).starts_with("\r\n") && !quoted) {
      out.push_back(std::exchange(row, std::vector<std::string>(1)));
      ++i;
    } else {
      row.back() += text[i];
    }
  }
  EXPECT_EQ(row, std::vector<std::string>(1)) << "the last row ends";
  return out;
}

/// The cell of one column of the only row.
std::string cell(const std::string& line, std::string_view column) {
  const auto table = table_of(exported("csv", {line}));
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(table[1].size(), table[0].size());
  const auto at = std::ranges::find(table[0], column);
  EXPECT_NE(at, table[0].end()) << column;
  return table[1][static_cast<std::size_t>(at - table[0].begin())];
}

TEST(CsvFormat, ColumnsAreFixedAndDetailsComeLast) {
  const auto header = table_of(exported("csv", {})).at(0);
  ASSERT_EQ(header.size(), event::kFieldCount + 3);
  EXPECT_EQ(header.front(), "seq");
  EXPECT_EQ(header[1], "timestamp");
  EXPECT_EQ(header.back(), "details");
  EXPECT_EQ(std::ranges::count(header, "details"), 1);
  EXPECT_EQ(header[header.size() - 2], "previous_checksum");
}

TEST(CsvFormat, CellsAreTextNumbersAndJson) {
  EXPECT_EQ(cell(test::kWhole, "actor_id"), "jane@example.com");
  EXPECT_EQ(cell(test::kWhole, "duration_ms"), "3.412");
  EXPECT_EQ(cell(test::kWhole, "error_message"), "no such \"file\"");
  EXPECT_EQ(cell(test::kWhole, "details"), R"({"server":{"name":"files"},"x":[1,"a,b"]})");
  EXPECT_EQ(cell(test::kWhole, "other"), R"({"extra":{"k":1}})");
  EXPECT_EQ(cell(test::kWhole, "checksum"), "c0");
  EXPECT_EQ(cell(test::kWhole, "previous_checksum"), "");
  EXPECT_EQ(cell(test::kWhole, "session_id"), "");
}

TEST(CsvFormat, NoCellIsAFormula) {
  for (const std::string start : {"=", "+", "-", "@", "\\t", "\\r"}) {
    const std::string line = R"({"seq":1,"actor_id":")" + start + R"(1+cmd|' /C calc'!A0"})";
    EXPECT_TRUE(cell(line, "actor_id").starts_with("'")) << start;
  }
  EXPECT_EQ(cell(R"({"seq":1,"actor_id":"a=1"})", "actor_id"), "a=1");
  EXPECT_EQ(cell(R"({"seq":1,"actor_id":"\n=1"})", "actor_id"), "\n=1");
  // A number is none, but only what is one.
  EXPECT_EQ(cell(R"({"seq":1,"duration_ms":-5e3})", "duration_ms"), "-5e3");
  EXPECT_EQ(cell(R"({"seq":1,"duration_ms":"-5+2"})", "duration_ms"), "'-5+2");
  EXPECT_EQ(cell(R"({"seq":1,"duration_ms":-cmd})", "duration_ms"), "'-cmd");
}

TEST(CsvFormat, WhatIsNoEventHasItsNumberAndText) {
  EXPECT_EQ(cell("=nonsense,", "seq"), "0");
  EXPECT_EQ(cell("=nonsense,", "details"), "'=nonsense,");
  EXPECT_EQ(cell("=nonsense,", "checksum"), "c0");
}

}  // namespace
}  // namespace tally::sink
