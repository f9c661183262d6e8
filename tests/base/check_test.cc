// SPDX-License-Identifier: Apache-2.0
// A failed check ends the process with a message that can be reported, in release builds too.
#include "base/check.h"

#include <gtest/gtest.h>

namespace tally {
namespace {

TEST(Check, PassesWhenTrueAndEvaluatesOnce) {
  int evaluated = 0;
  TALLY_CHECK(++evaluated == 1);
  EXPECT_EQ(evaluated, 1);
}

TEST(CheckDeathTest, SaysWhatAndWhere) {
  const int entries = 3;
  EXPECT_DEATH(TALLY_CHECK(entries == 4),
               "internal check failed: entries == 4 .*check_test\\.cc:[0-9]+");
}

TEST(CheckDeathTest, EndsBySignalSoThatNoDestructorWritesMore) {
  EXPECT_EXIT(check_failed("reason", "file.cc", 7), testing::KilledBySignal(SIGABRT),
              "reason \\(file\\.cc:7\\)");
}

}  // namespace
}  // namespace tally
