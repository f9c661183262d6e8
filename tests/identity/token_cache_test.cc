// SPDX-License-Identifier: Apache-2.0
#include "identity/token_cache.h"

#include <gtest/gtest.h>

namespace tally::identity {
namespace {

constexpr WallTime at(int seconds) { return WallTime{std::chrono::seconds{seconds}}; }

std::shared_ptr<const Principal> named(std::string id) {
  Principal out;
  out.id = std::move(id);
  return std::make_shared<const Principal>(std::move(out));
}

TEST(TokenCache, KeepsUntilItExpires) {
  TokenCache cache(8);
  cache.add("a", named("jane"), at(100));
  ASSERT_TRUE(cache.find("a", at(99)));
  EXPECT_EQ(cache.find("a", at(99))->id, "jane");
  EXPECT_FALSE(cache.find("a", at(100)));
  EXPECT_EQ(cache.size(), 0U);
  EXPECT_FALSE(cache.find("a", at(1)));
}

TEST(TokenCache, ForgetsTheLeastRecentlyUsed) {
  TokenCache cache(2);
  cache.add("a", named("a"), std::nullopt);
  cache.add("b", named("b"), std::nullopt);
  EXPECT_TRUE(cache.find("a", at(1)));
  cache.add("c", named("c"), std::nullopt);
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_TRUE(cache.find("a", at(1)));
  EXPECT_FALSE(cache.find("b", at(1)));
  EXPECT_TRUE(cache.find("c", at(1)));
}

TEST(TokenCache, AddingAgainReplaces) {
  TokenCache cache(2);
  cache.add("a", named("old"), std::nullopt);
  cache.add("a", named("new"), std::nullopt);
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_EQ(cache.find("a", at(1))->id, "new");
}

TEST(TokenCache, NoneAtAll) {
  TokenCache cache(0);
  cache.add("a", named("a"), std::nullopt);
  EXPECT_EQ(cache.size(), 0U);
  EXPECT_FALSE(cache.find("a", at(1)));
}

}  // namespace
}  // namespace tally::identity
