// SPDX-License-Identifier: Apache-2.0
#include "base/nearest.h"

#include <gtest/gtest.h>

#include <vector>

namespace tally {
namespace {

const std::vector<std::string> kNames{"append", "query", "verify", "check-proof", "checkpoint"};

TEST(Nearest, FindsWhatOneSlipMade) {
  EXPECT_EQ(nearest("verfy", kNames), "verify");   // left out
  EXPECT_EQ(nearest("queryy", kNames), "query");   // doubled
  EXPECT_EQ(nearest("qurey", kNames), "query");    // swapped: one slip, not two
  EXPECT_EQ(nearest("appemd", kNames), "append");  // replaced
  EXPECT_EQ(nearest("checkpiont", kNames), "checkpoint");
}

TEST(Nearest, ABeginningMeansTheWholeName) {
  EXPECT_EQ(nearest("ver", kNames), "verify");
  EXPECT_EQ(nearest("check-p", kNames), "check-proof");
}

TEST(Nearest, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(nearest("serve", kNames), "");
  EXPECT_EQ(nearest("", kNames), "");
  EXPECT_EQ(nearest("x", kNames), "");
  EXPECT_EQ(nearest(std::string(1000, 'a'), kNames), "");
  EXPECT_EQ(nearest("query", {}), "");
}

}  // namespace
}  // namespace tally
