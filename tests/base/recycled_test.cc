// SPDX-License-Identifier: Apache-2.0
#include "base/recycled.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <vector>

namespace tally {
namespace {

struct Parent {
  virtual ~Parent() = default;
};
struct Thing final : Parent, Recycled<Thing> {
  std::array<char, 3000> room{};
};

TEST(RecycledTest, ObjectsInUseNeverShareABlock) {
  for (int round = 0; round < 3; ++round) {
    std::vector<std::unique_ptr<Parent>> all;
    for (int i = 0; i < 50; ++i) {
      auto thing = std::make_unique<Thing>();
      thing->room.fill(static_cast<char>(i));
      all.push_back(std::move(thing));
    }
    for (int i = 0; i < 50; ++i) {
      const auto& room = static_cast<const Thing&>(*all[static_cast<std::size_t>(i)]).room;
      EXPECT_EQ(room.front(), static_cast<char>(i));
      EXPECT_EQ(room.back(), static_cast<char>(i));
    }
  }
}

#if !defined(__SANITIZE_ADDRESS__)
TEST(RecycledTest, TheNextOneGetsTheBlockOfTheLast) {
  auto first = std::make_unique<Thing>();
  const void* const block = first.get();
  first.reset();
  const auto second = std::make_unique<Thing>();
  EXPECT_EQ(second.get(), block);
}
#endif

}  // namespace
}  // namespace tally
