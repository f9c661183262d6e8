// SPDX-License-Identifier: Apache-2.0
#include "record/gap.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

event::Event missing(std::string method, int second) {
  event::Event e;
  e.event_name = "some-event";
  e.timestamp = WallTime{} + std::chrono::seconds{second};
  if (!method.empty()) e.details = R"({"method":")" + method + R"("})";
  return e;
}

TEST(Gap, CountsByMethodAndKnowsItsExtent) {
  Gap gap;
  EXPECT_TRUE(gap.empty());
  gap.add(missing("tools/call", 5));
  gap.add(missing("ping", 3));
  gap.add(missing("tools/call", 9));
  gap.add(missing("", 4));
  EXPECT_EQ(gap.total(), 4U);
  EXPECT_EQ(gap.from(), WallTime{} + std::chrono::seconds{3});
  EXPECT_EQ(gap.to(), WallTime{} + std::chrono::seconds{9});
  EXPECT_EQ(gap.by_method().find("tools/call")->second, 2U);
  EXPECT_EQ(gap.by_method().find("some-event")->second, 1U);
  gap.clear();
  EXPECT_TRUE(gap.empty());
}

TEST(Gap, KnowsHowManyWaitInTheSpool) {
  Gap gap;
  gap.add(missing("ping", 1), true);
  gap.add(missing("ping", 2));
  Gap other;
  other.add(missing("ping", 3), true);
  gap.merge(other);
  EXPECT_EQ(gap.total(), 3U);
  EXPECT_EQ(gap.spooled(), 2U);
  gap.clear();
  EXPECT_EQ(gap.spooled(), 0U);
}

TEST(Gap, IsBoundedAndLosesNoCount) {
  Gap gap;
  for (int i = 0; i < 1000; ++i) gap.add(missing("m" + std::to_string(i), i));
  EXPECT_LE(gap.by_method().size(), kGapMethodsMax + 1);
  std::uint64_t sum = 0;
  for (const auto& [method, count] : gap.by_method()) sum += count;
  EXPECT_EQ(sum, 1000U);
  EXPECT_EQ(gap.total(), 1000U);
}

TEST(Gap, TwoGapsAddUp) {
  Gap a;
  Gap b;
  a.merge(b);
  EXPECT_TRUE(a.empty());
  b.add(missing("x", 7));
  a.merge(b);
  EXPECT_EQ(a.from(), b.from());
  a.add(missing("x", 2));
  a.merge(b);
  EXPECT_EQ(a.by_method().find("x")->second, 3U);
  EXPECT_EQ(a.from(), WallTime{} + std::chrono::seconds{2});
  EXPECT_EQ(a.to(), WallTime{} + std::chrono::seconds{7});
}

}  // namespace
}  // namespace tally::record
