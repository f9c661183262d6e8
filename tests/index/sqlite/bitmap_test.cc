// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/bitmap.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <set>
#include <vector>

namespace tally::index::sqlite {
namespace {

TEST(Bitmap, AgreesWithASet) {
  std::mt19937 random(1);
  auto bits = std::make_unique<Bitmap>();
  std::set<std::uint32_t> set;
  for (int i = 0; i < 300; ++i) {
    const auto begin = static_cast<std::uint32_t>(random() % kPartitionRows);
    const auto end =
        std::min<std::uint32_t>(kPartitionRows, begin + static_cast<std::uint32_t>(random() % 150));
    bits->set_range(begin, end);
    for (std::uint32_t at = begin; at < end; ++at) set.insert(at);
  }
  EXPECT_EQ(bits->count(), set.size());
  std::vector<std::uint32_t> rising, falling;
  bits->each([&](std::uint32_t at) {
    rising.push_back(at);
    return true;
  });
  bits->each_backwards([&](std::uint32_t at) {
    falling.push_back(at);
    return true;
  });
  EXPECT_TRUE(std::equal(rising.begin(), rising.end(), set.begin(), set.end()));
  EXPECT_TRUE(std::equal(falling.begin(), falling.end(), set.rbegin(), set.rend()));
  for (int i = 0; i < 100; ++i) {
    const auto a = static_cast<std::uint32_t>(random() % kPartitionRows);
    const auto b = static_cast<std::uint32_t>(random() % kPartitionRows);
    const auto low = std::min(a, b);
    const auto high = std::max(a, b);
    EXPECT_EQ(bits->count(low, high), std::distance(set.lower_bound(low), set.lower_bound(high)));
  }
}

TEST(Bitmap, Operations) {
  Bitmap a, b;
  a.set_range(0, 100);
  b.set_range(50, 200);
  Bitmap both = a;
  both &= b;
  EXPECT_EQ(both.count(), 50U);
  Bitmap rest = a;
  rest.remove(b);
  EXPECT_EQ(rest.count(), 50U);
  EXPECT_TRUE(rest.test(49));
  EXPECT_FALSE(rest.test(50));
  a |= b;
  EXPECT_EQ(a.count(), 200U);
  a.clear();
  EXPECT_TRUE(a.empty());
}

}  // namespace
}  // namespace tally::index::sqlite
