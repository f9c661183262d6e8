// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/partition.h"

#include <gtest/gtest.h>

namespace tally::index::sqlite {
namespace {

TEST(Posting, ListsAndBitmapsMeanTheSame) {
  Posting list;
  list.list = {3, 64, 100'000};
  list.count = 3;
  auto bits = std::make_unique<Bitmap>();
  list.add_to(*bits);
  Posting map;
  map.count = 3;
  map.bits = std::move(bits);
  Bitmap some;
  some.set_range(64, 200);
  for (const Posting* posting : {&list, &map}) {
    EXPECT_EQ(posting->count_in(some), 1U);
    Bitmap out;
    out.set(7);
    posting->add_to(out);
    EXPECT_EQ(out.count(), 4U);
    EXPECT_TRUE(out.test(100'000));
  }
}

}  // namespace
}  // namespace tally::index::sqlite
