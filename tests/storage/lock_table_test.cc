// SPDX-License-Identifier: Apache-2.0
#include "storage/lock_table.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace tally::storage {
namespace {

TEST(LockTable, ReleasingLeavesNothingBehind) {
  LockTable table;
  const int a = 0;
  const int b = 0;
  EXPECT_TRUE(table.try_take(0, &a, LockMode::shared));
  EXPECT_TRUE(table.try_take(0, &b, LockMode::shared));
  EXPECT_TRUE(table.try_take(9, &a, LockMode::exclusive));
  EXPECT_EQ(table.count(), 3U);
  table.release(9, &b);
  EXPECT_EQ(table.count(), 3U);
  table.release_all(&a);
  EXPECT_EQ(table.count(), 1U);
  table.release(0, &b);
  EXPECT_EQ(table.count(), 0U);
}

TEST(LockTable, AgreesWithAnObviousModelOnRandomOperations) {
  constexpr std::size_t kOwners = 4;
  constexpr std::size_t kBytes = 2;
  enum class Held { none, shared, exclusive };
  std::array<std::array<Held, kOwners>, kBytes> model{};
  const std::array<int, kOwners> owners{};
  LockTable table;
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const std::size_t byte = random() % kBytes;
    const std::size_t owner = random() % kOwners;
    const std::uint64_t action = random() % 3;
    if (action == 2) {
      table.release(byte, &owners[owner]);
      model[byte][owner] = Held::none;
      continue;
    }
    const Held wanted = action == 0 ? Held::shared : Held::exclusive;
    bool free = true;
    for (std::size_t other = 0; other < kOwners; ++other) {
      const Held held = model[byte][other];
      if (other == owner || held == Held::none) continue;
      if (wanted == Held::exclusive || held == Held::exclusive) free = false;
    }
    const auto mode = wanted == Held::shared ? LockMode::shared : LockMode::exclusive;
    ASSERT_EQ(table.try_take(byte, &owners[owner], mode), free) << "operation " << i;
    if (free) model[byte][owner] = wanted;
  }
}

}  // namespace
}  // namespace tally::storage
