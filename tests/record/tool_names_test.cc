// SPDX-License-Identifier: Apache-2.0
#include "record/tool_names.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

TEST(ToolNames, ANameAtAnotherPlaceIsToldOnce) {
  ToolNames names;
  EXPECT_FALSE(names.served("a:1", "files", "read", "d1"));
  EXPECT_FALSE(names.served("a:1", "files-2", "read", "d2")) << "the same place";
  const auto other = names.served("b:1", "mail", "read", "d2");
  ASSERT_TRUE(other);
  EXPECT_EQ(other->server, "files-2") << "as it is called now";
  EXPECT_TRUE(other->same_definition);
  EXPECT_FALSE(names.served("b:1", "mail", "read", "d3")) << "told";
  const auto third = names.served("c:1", "web", "read", "d3");
  ASSERT_TRUE(third);
  EXPECT_FALSE(third->same_definition);
  EXPECT_FALSE(names.served("b:1", "mail", "Read", "d1")) << "another name";
}

TEST(ToolNames, NobodyTakesAllOfIt) {
  ToolNames names(40);
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(names.served("flood:1", "flood", std::to_string(i), "d"));
  }
  EXPECT_EQ(names.size(), 10U);
  EXPECT_FALSE(names.served("a:1", "files", "read", "d"));
  EXPECT_TRUE(names.served("b:1", "mail", "read", "d"));
  EXPECT_FALSE(names.served("a:1", "files", std::string(100'000, 'x'), "d"));
  EXPECT_EQ(names.size(), 11U);
}

}  // namespace
}  // namespace tally::record
