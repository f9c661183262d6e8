// SPDX-License-Identifier: Apache-2.0
#include "mcp/tool_table.h"

#include <gtest/gtest.h>

namespace tally::mcp {
namespace {

ToolDefinition tool(std::string name, std::string text = "v1", bool read_only = false) {
  return {name, "digest-of-" + text, text, read_only};
}

std::vector<std::string> words(const std::vector<ToolChange>& changes) {
  std::vector<std::string> out;
  for (const ToolChange& c : changes) {
    const char* kind = c.kind == ToolChange::Kind::added     ? "+"
                       : c.kind == ToolChange::Kind::changed ? "~"
                                                             : "-";
    out.push_back(kind + c.name);
  }
  return out;
}

using Words = std::vector<std::string>;
using Page = std::vector<ToolDefinition>;

TEST(ToolTable, TheFirstListIsNoChange) {
  ToolTable table;
  EXPECT_EQ(words(table.served({}, Page{tool("a"), tool("b")}, {})), Words{});
  EXPECT_EQ(table.find("a")->digest, "digest-of-v1");
  EXPECT_EQ(table.find("c"), nullptr);
}

TEST(ToolTable, WhatDiffersFromAListBeforeThisTable) {
  ToolTable table;
  EXPECT_FALSE(table.complete_once());
  (void)table.served({}, Page{tool("a", "v2", true), tool("b", "v1", true)}, "next");
  EXPECT_FALSE(table.complete_once());
  (void)table.served("next", Page{tool("new")}, {});
  EXPECT_TRUE(table.complete_once());
  const std::vector<EarlierDefinition> earlier{
      {"gone", "digest-of-v1"}, {"a", "digest-of-v1"}, {"b", "digest-of-v1"}, {"a", "older"}};
  const auto changes = table.changed_since(earlier, true);
  ASSERT_EQ(words(changes), (Words{"~a", "-gone", "+new"}));
  EXPECT_EQ(changes[0].old_digest, "digest-of-v1");
  EXPECT_EQ(changes[0].new_digest, "digest-of-v2");
  EXPECT_EQ(changes[0].old_text, "");
  EXPECT_EQ(changes[0].new_text, "v2");
  EXPECT_FALSE(table.known_read_only("a")) << "it is not what its users were asked about";
  EXPECT_TRUE(table.known_read_only("b"));
  // Of a list that was not whole nobody knows what else was in it.
  EXPECT_EQ(words(table.changed_since(earlier, false)), (Words{"~a", "-gone"}));
  EXPECT_EQ(words(table.changed_since({}, true)), (Words{"+a", "+b", "+new"}));
}

TEST(ToolTable, AChangeHasBeforeAndAfter) {
  ToolTable table;
  (void)table.served({}, Page{tool("a", "v1", true)}, {});
  EXPECT_TRUE(table.known_read_only("a"));
  const auto changes = table.served({}, Page{tool("a", "v2", true)}, {});
  ASSERT_EQ(words(changes), Words{"~a"});
  EXPECT_EQ(changes[0].old_text, "v1");
  EXPECT_EQ(changes[0].new_text, "v2");
  EXPECT_EQ(changes[0].old_digest, "digest-of-v1");
  EXPECT_EQ(table.find("a")->digest, "digest-of-v2");
  // A definition that was once another one is never known again to change nothing.
  EXPECT_FALSE(table.known_read_only("a"));
  (void)table.served({}, Page{tool("a", "v1", true)}, {});
  EXPECT_FALSE(table.known_read_only("a"));
}

TEST(ToolTable, RemovedAndAddedNeedACompleteList) {
  ToolTable table;
  (void)table.served({}, Page{tool("a"), tool("b")}, {});
  EXPECT_EQ(words(table.served({}, Page{tool("a"), tool("c")}, {})), (Words{"+c", "-b"}));
  EXPECT_EQ(table.find("b"), nullptr);
  EXPECT_EQ(words(table.served({}, Page{tool("a"), tool("b"), tool("c")}, {})), Words{"+b"});
}

TEST(ToolTable, AToolThatComesBackDifferentlyHasChanged) {
  ToolTable table;
  (void)table.served({}, Page{tool("a", "v1", true), tool("b")}, {});
  (void)table.served({}, Page{tool("b")}, {});
  EXPECT_FALSE(table.known_read_only("a"));
  EXPECT_EQ(words(table.served({}, Page{tool("a", "v2", true), tool("b")}, {})), Words{"~a"});
  EXPECT_FALSE(table.known_read_only("a"));
}

TEST(ToolTable, PagesMakeOneList) {
  ToolTable table;
  EXPECT_EQ(words(table.served({}, Page{tool("a")}, "p2")), Words{});
  EXPECT_EQ(words(table.served("p2", Page{tool("b")}, "p3")), Words{});
  EXPECT_EQ(words(table.served("p3", Page{tool("c")}, {})), Words{});
  (void)table.served({}, Page{tool("a")}, "q2");
  EXPECT_EQ(words(table.served("q2", Page{tool("b"), tool("d")}, {})), (Words{"+d", "-c"}));
}

TEST(ToolTable, APageWithoutItsStartRemovesNothing) {
  ToolTable table;
  (void)table.served({}, Page{tool("a"), tool("b")}, {});
  EXPECT_EQ(words(table.served("elsewhere", Page{tool("b")}, {})), Words{});
  EXPECT_NE(table.find("a"), nullptr);
}

TEST(ToolTable, TwoListsAtTheSameTime) {
  ToolTable table;
  (void)table.served({}, Page{tool("a")}, "x2");
  (void)table.served({}, Page{tool("a")}, "y2");
  EXPECT_EQ(words(table.served("y2", Page{tool("b")}, {})), Words{});
  EXPECT_EQ(words(table.served("x2", Page{tool("b")}, {})), Words{});
}

TEST(ToolTable, ManyOpenListsForgetTheOldest) {
  ToolTable table;
  (void)table.served({}, Page{tool("a"), tool("z")}, {});
  for (int i = 0; i < 100; ++i) (void)table.served({}, Page{tool("a")}, std::to_string(i));
  EXPECT_EQ(words(table.served("0", Page{}, {})), Words{});
  EXPECT_EQ(words(table.served("99", Page{}, {})), Words{"-z"});
}

TEST(ToolTable, IsBounded) {
  ToolTable table({.tools_max = 3, .text_bytes_max = 5});
  (void)table.served(
      {}, Page{tool("a", "1234", true), tool("b", "1234", true), tool("c"), tool("d")}, {});
  EXPECT_EQ(table.size(), 3U);
  EXPECT_EQ(table.find("d"), nullptr);
  EXPECT_EQ(table.find("a")->text, "1234");
  EXPECT_EQ(table.find("b")->text, "");
  EXPECT_EQ(table.find("b")->digest, "digest-of-1234");
  const std::string long_name(5000, 'n');
  ToolTable other;
  (void)other.served({}, Page{tool(long_name, "v", true)}, {});
  EXPECT_FALSE(other.known_read_only(long_name));
}

TEST(ToolTable, OnlyTheHintMakesACallReadOnly) {
  ToolTable table;
  (void)table.served({}, Page{tool("reads", "v1", true), tool("writes", "v1", false)}, {});
  EXPECT_TRUE(table.known_read_only("reads"));
  EXPECT_FALSE(table.known_read_only("writes"));
  EXPECT_FALSE(table.known_read_only("unseen"));
}

}  // namespace
}  // namespace tally::mcp
