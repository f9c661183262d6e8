// SPDX-License-Identifier: Apache-2.0
#include "index/csv.h"

#include "event/codec.h"
#include "event/samples.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace tally::index {
namespace {

/// A reader of RFC 4180 for one record.
std::vector<std::string> cells(std::string_view row) {
  std::vector<std::string> out(1);
  bool quoted = false;
  EXPECT_EQ(row.substr(row.size() - 2), "\r\n");
  row.remove_suffix(2);
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] == '"' && quoted && i + 1 < row.size() && row[i + 1] == '"') {
      out.back() += row[++i];
    } else if (row[i] == '"') {
      quoted = !quoted;
    } else if (row[i] == ',' && !quoted) {
      out.emplace_back();
    } else {
      out.back() += row[i];
    }
  }
  EXPECT_FALSE(quoted);
  return out;
}

std::vector<std::string> row_of(std::string_view line) {
  event::EventView view;
  EXPECT_TRUE(view.parse(line));
  std::string out;
  append_csv_row(out, view);
  return cells(out);
}

std::size_t column(std::string_view name) {
  const auto* const found = std::find(event::kFieldNames.begin(), event::kFieldNames.end(), name);
  return static_cast<std::size_t>(found - event::kFieldNames.begin());
}

TEST(Csv, RowsHaveTheColumnsOfTheHeader) {
  std::string header;
  append_csv_header(header);
  const auto names = cells(header);
  EXPECT_EQ(names.size(), event::kFieldCount + 1);
  EXPECT_EQ(names.front(), "seq");
  EXPECT_EQ(names.back(), "other");
  const event::Event e = event::full_event();
  const auto row = row_of("{\"seq\":41," + event::encode(e).substr(1));
  ASSERT_EQ(row.size(), names.size());
  EXPECT_EQ(row[column("seq")], "41");
  EXPECT_EQ(row[column("actor_user_agent")], *e.actor_user_agent);
  EXPECT_EQ(row[column("details")], e.details);
  EXPECT_EQ(row[column("duration_ms")], "3.412");
  EXPECT_EQ(row[column("other")], R"({"x_vendor":{"k":[1,2.50]},"café\"":null})");
}

TEST(Csv, NoCellIsAFormula) {
  for (const char* text : {"=1+1", "+1", "-1", "@SUM(A1)", "\\t=1", "\\r=1"}) {
    const auto row = row_of(R"({"actor_id":")" + std::string(text) + "\"}");
    EXPECT_EQ(row[column("actor_id")][0], '\'') << text;
  }
  EXPECT_EQ(row_of(R"({"actor_id":"a=1"})")[column("actor_id")], "a=1");
}

TEST(Csv, AnyEventReadsBack) {
  event::EventMaker make(61);
  for (int i = 0; i < 500; ++i) {
    const event::Event e = make.next();
    const auto row = row_of(event::encode(e));
    ASSERT_EQ(row.size(), event::kFieldCount + 1);
    std::string actor = row[column("actor_id")];
    if (!actor.empty() && actor[0] == '\'') actor.erase(0, 1);
    EXPECT_EQ(actor, e.actor_id.value_or(""));
  }
}

TEST(Csv, UnreadableLinesKeepTheirText) {
  std::string out;
  append_csv_unreadable(out, "{broken, \"x\"");
  const auto row = cells(out);
  ASSERT_EQ(row.size(), event::kFieldCount + 1);
  EXPECT_EQ(row.back(), "{broken, \"x\"");
}

}  // namespace
}  // namespace tally::index
