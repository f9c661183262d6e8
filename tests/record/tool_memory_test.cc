// SPDX-License-Identifier: Apache-2.0
#include "record/tool_memory.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

mcp::ToolDefinition definition(std::string name, std::string digest, bool read_only) {
  return {std::move(name), std::move(digest), "{}", read_only};
}

TEST(ToolMemory, ConnectionOfOne) {
  ToolMemory memory;
  const std::vector page{definition("a", "d1", true)};
  EXPECT_TRUE(memory.served("", std::nullopt, page, std::nullopt).empty());
  EXPECT_EQ(memory.digest("", "a"), "d1");
  EXPECT_TRUE(memory.known_read_only("", "a"));
  EXPECT_EQ(memory.digest("", "b"), "");
  EXPECT_FALSE(memory.known_read_only("", "b"));
  const std::vector changed{definition("a", "d2", true)};
  EXPECT_EQ(memory.served("", std::nullopt, changed, std::nullopt).size(), 1U);
  EXPECT_FALSE(memory.known_read_only("", "a"));
}

TEST(ToolMemory, EarlierListsAreThoseOfOnePrincipal) {
  ToolMemory memory(2);
  const std::vector page{definition("a", "d2", true)};
  EXPECT_FALSE(memory.complete_once("ann"));
  (void)memory.served("ann", std::nullopt, page, std::nullopt);
  EXPECT_TRUE(memory.complete_once("ann"));
  EXPECT_FALSE(memory.complete_once("bob"));
  const std::vector<mcp::EarlierDefinition> earlier{{"a", "d1"}};
  EXPECT_TRUE(memory.changed_since("bob", earlier, true).empty());
  EXPECT_EQ(memory.changed_since("ann", earlier, true).size(), 1U);
  EXPECT_FALSE(memory.known_read_only("ann", "a"));
}

TEST(ToolMemory, DifferencesBetweenPrincipalsAreNoChange) {
  ToolMemory memory(4);
  const std::vector anns{definition("a", "d1", true)};
  const std::vector bobs{definition("a", "d2", false)};
  EXPECT_TRUE(memory.served("ann", std::nullopt, anns, std::nullopt).empty());
  EXPECT_TRUE(memory.known_read_only("eve", "a"));
  EXPECT_TRUE(memory.served("bob", std::nullopt, bobs, std::nullopt).empty());
  EXPECT_TRUE(memory.served("ann", std::nullopt, anns, std::nullopt).empty());
  EXPECT_TRUE(memory.known_read_only("ann", "a"));
  EXPECT_FALSE(memory.known_read_only("bob", "a"));
  // The server has said two things of it: whoever did not ask gets the careful answer.
  EXPECT_FALSE(memory.known_read_only("eve", "a"));
  EXPECT_EQ(memory.digest("ann", "a"), "d1");
  EXPECT_EQ(memory.digest("bob", "a"), "d2");
}

TEST(ToolMemory, PrincipalsAreBounded) {
  ToolMemory memory(2);
  const std::vector page{definition("a", "d1", true)};
  for (const char* who : {"ann", "bob", "ann", "eve"}) {
    (void)memory.served(who, std::nullopt, page, std::nullopt);
  }
  EXPECT_EQ(memory.principals(), 2U);
  const std::vector changed{definition("a", "d2", true)};
  EXPECT_EQ(memory.served("ann", std::nullopt, changed, std::nullopt).size(), 1U);
  EXPECT_TRUE(memory.served("bob", std::nullopt, changed, std::nullopt).empty());
}

}  // namespace
}  // namespace tally::record
