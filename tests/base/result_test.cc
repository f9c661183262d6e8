// SPDX-License-Identifier: Apache-2.0
// Errors travel unchanged, get context once, and every kind has a stable name.
#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

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
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Errc::mismatch); ++code) {
    const std::string_view name = errc_name(static_cast<Errc>(code));
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos)
        << name;
  }
}

Result<void> positive(int n) {
  if (n <= 0) return fail(Errc::invalid_argument, "not positive");
  return {};
}

Result<int> halved_if_positive(int n) {
  TALLY_TRY_VOID(positive(n));
  return half(n);
}

TEST(Result, TryVoidStopsAtTheFirstError) {
  EXPECT_EQ(*halved_if_positive(4), 2);
  EXPECT_EQ(halved_if_positive(-4).error().detail, "not positive");
  EXPECT_EQ(halved_if_positive(3).error().detail, "odd number");
}

TEST(Result, CarriesWhatCannotBeCopied) {
  const auto make = []() -> Result<std::unique_ptr<int>> {
    TALLY_TRY(auto number, Result<std::unique_ptr<int>>(std::make_unique<int>(7)));
    return number;
  };
  EXPECT_EQ(**make(), 7);
}

}  // namespace
}  // namespace tally
