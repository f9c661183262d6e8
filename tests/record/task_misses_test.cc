// SPDX-License-Identifier: Apache-2.0
#include "record/task_misses.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

using std::chrono::minutes;

/// Asks for that many tasks of different names; how often it was too many.
int ask(TaskMisses& misses, const std::string& principal, std::size_t times, MonoTime at = {},
        const std::string& prefix = "t") {
  int told = 0;
  for (std::size_t i = 0; i < times; ++i) {
    if (misses.missed(principal, prefix + std::to_string(i), at)) ++told;
  }
  return told;
}

TEST(TaskMisses, ManyDifferentOnesAreToldOnceInAWindow) {
  TaskMisses misses;
  EXPECT_EQ(ask(misses, "jane", kTaskMissesMax - 1), 0);
  EXPECT_EQ(ask(misses, "tom", kTaskMissesMax - 1), 0) << "another principal";
  EXPECT_EQ(ask(misses, "jane", kTaskMissesMax), 1) << "the last of them is new";
  EXPECT_EQ(ask(misses, "jane", 100, {}, "u"), 0) << "told already";
  const MonoTime later = MonoTime{} + kTaskMissWindow + minutes(1);
  EXPECT_EQ(ask(misses, "jane", kTaskMissesMax - 1, later), 0);
  EXPECT_EQ(ask(misses, "jane", kTaskMissesMax, later), 1);
}

TEST(TaskMisses, AskingAgainForOneCountsOnce) {
  TaskMisses misses;
  for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(misses.missed("jane", "mine", {}));
}

TEST(TaskMisses, TheOldestPrincipalIsForgottenFirst) {
  TaskMisses misses(2);
  EXPECT_EQ(ask(misses, "a", kTaskMissesMax - 1), 0);
  EXPECT_EQ(ask(misses, "b", kTaskMissesMax - 1), 0);
  EXPECT_EQ(ask(misses, "c", 1), 0);
  EXPECT_EQ(misses.principals(), 2U);
  EXPECT_EQ(ask(misses, "b", kTaskMissesMax), 1);
  EXPECT_FALSE(misses.missed("a", "t9", {})) << "it begins anew";
}

}  // namespace
}  // namespace tally::record
