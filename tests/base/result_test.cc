// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <gtest/gtest.h>

namespace tally {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail(Errc::invalid_argument, "odd number");
  return n / 2;
}

Result<int> quarter(int n) {
  TALLY_TRY(const int h, half(n));
  return half(h);
}

TEST(Result, TryPassesValuesAndErrorsThrough) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().code, Errc::invalid_argument);
}

TEST(Result, ContextSaysWhereOnce) {
  EXPECT_EQ(with_context(half(3), "input line 7").error().detail, "input line 7: odd number");
  EXPECT_EQ(*with_context(half(4), "input line 7"), 2);
}

TEST(Result, EveryKindHasAName) {
  EXPECT_EQ(errc_name(Errc::invalid_argument), "invalid_argument");
  EXPECT_EQ(errc_name(Errc::mismatch), "mismatch");
}

}  // namespace
}  // namespace tally
