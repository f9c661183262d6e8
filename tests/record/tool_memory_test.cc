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
  EXPECT_FALSE(memory.owes_lookup("ann", true)) << "it was served nothing";
  (void)memory.served("ann", std::nullopt, page, std::nullopt);
  EXPECT_TRUE(memory.owes_lookup("ann", true));
  memory.set_owed("ann", true, false);
  EXPECT_FALSE(memory.owes_lookup("ann", true));
  EXPECT_TRUE(memory.owes_lookup("ann", false)) << "of one who was not checked";
  memory.set_owed("bob", true, false);
  EXPECT_FALSE(memory.owes_lookup("bob", true));
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

TEST(ToolMemory, AChangedToolIsNotBelievedAgainWhenItsPrincipalIsForgotten) {
  const std::vector a{definition("a", "d2", true)};
  const std::vector<mcp::EarlierDefinition> earlier{{"a", "d1"}};
  const auto forget_ann = [&](ToolMemory& memory) {
    for (const char* who : {"bob", "eve"}) {
      (void)memory.served(who, std::nullopt, a, std::nullopt);
    }
  };
  ToolMemory since_before(2);
  (void)since_before.served("ann", std::nullopt, a, std::nullopt);
  EXPECT_TRUE(since_before.known_read_only("ann", "a"));
  EXPECT_EQ(since_before.changed_since("ann", earlier, true).size(), 1U);
  forget_ann(since_before);
  (void)since_before.served("ann", std::nullopt, a, std::nullopt);
  EXPECT_FALSE(since_before.known_read_only("ann", "a"));
  EXPECT_FALSE(since_before.known_read_only("new", "a"));

  ToolMemory forgotten_first(2);
  (void)forgotten_first.served("ann", std::nullopt, a, std::nullopt);
  forget_ann(forgotten_first);
  EXPECT_TRUE(forgotten_first.changed_since("ann", earlier, true).empty());
  EXPECT_FALSE(forgotten_first.known_read_only("ann", "a"));

  ToolMemory within(2);
  (void)within.served("ann", std::nullopt, std::vector{definition("a", "d1", true)}, std::nullopt);
  EXPECT_EQ(within.served("ann", std::nullopt, a, std::nullopt).size(), 1U);
  forget_ann(within);
  (void)within.served("ann", std::nullopt, a, std::nullopt);
  EXPECT_FALSE(within.known_read_only("ann", "a"));
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
