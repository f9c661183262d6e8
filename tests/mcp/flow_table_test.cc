// SPDX-License-Identifier: Apache-2.0
#include "mcp/flow_table.h"

#include <gtest/gtest.h>

namespace tally::mcp {
namespace {

TEST(FlowTable, FindsWhatWasLinked) {
  FlowTable table;
  EXPECT_FALSE(table.find("task:a"));
  table.link("task:a", "flow-1");
  table.link("state:b", "flow-1");
  EXPECT_EQ(table.find("task:a"), "flow-1");
  table.link("task:a", "flow-2");
  EXPECT_EQ(table.find("task:a"), "flow-2");
  EXPECT_EQ(table.size(), 2U);
}

TEST(FlowTable, ForgetsTheOldestFirst) {
  FlowTable table(3);
  for (const char* key : {"1", "2", "3", "4"}) table.link(key, "f");
  EXPECT_FALSE(table.find("1"));
  EXPECT_TRUE(table.find("2"));
  EXPECT_EQ(table.size(), 3U);
  for (int i = 0; i < 1000; ++i) table.link(std::to_string(i % 7), "g");
  EXPECT_EQ(table.size(), 3U);
}

TEST(FlowTable, CountsUses) {
  FlowTable table;
  EXPECT_FALSE(table.use("state:a").known);
  table.link("state:a", "flow-1", "ann", "call-1");
  EXPECT_EQ(table.use("state:a").times, 1U);
  const FlowTable::Use again = table.use("state:a");
  EXPECT_TRUE(again.known);
  EXPECT_EQ(again.times, 2U);
  EXPECT_EQ(again.call, "call-1");
}

}  // namespace
}  // namespace tally::mcp
