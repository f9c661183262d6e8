// SPDX-License-Identifier: Apache-2.0
#include "storage/fault_plan.h"

#include <gtest/gtest.h>

#include <set>

namespace tally::storage {
namespace {

using Step = FaultPlan::Step;

TEST(FaultPlan, HitsItsStepOnce) {
  FaultPlan plan;
  plan.fail_at(2, FaultKind::short_write);
  EXPECT_FALSE(plan.next(Step::change));
  EXPECT_FALSE(plan.next(Step::sync));
  EXPECT_EQ(plan.next(Step::change), FaultKind::short_write);
  EXPECT_FALSE(plan.next(Step::change));
  EXPECT_EQ(plan.steps(), 4U);
  EXPECT_EQ(plan.hits(), 1U);
}

TEST(FaultPlan, FailedSyncWaitsForTheNextSync) {
  FaultPlan plan;
  plan.fail_at(1, FaultKind::failed_sync);
  EXPECT_FALSE(plan.next(Step::sync)) << "step 0 is before it";
  EXPECT_FALSE(plan.next(Step::change));
  EXPECT_FALSE(plan.next(Step::change));
  EXPECT_EQ(plan.next(Step::sync), FaultKind::failed_sync);
  EXPECT_FALSE(plan.next(Step::sync));
}

TEST(FaultPlan, SeveralFaultsEachHit) {
  FaultPlan plan;
  plan.fail_at(1, FaultKind::io_error);
  plan.fail_at(0, FaultKind::disk_full);
  EXPECT_EQ(plan.next(Step::change), FaultKind::disk_full);
  EXPECT_EQ(plan.next(Step::change), FaultKind::io_error);
  EXPECT_EQ(plan.hits(), 2U);
}

TEST(FaultPlan, ReadsHaveTheirOwnCount) {
  FaultPlan plan;
  plan.fail_read_at(1);
  EXPECT_FALSE(plan.next(Step::change));
  EXPECT_FALSE(plan.next_read());
  EXPECT_TRUE(plan.next_read());
  EXPECT_FALSE(plan.next_read());
  EXPECT_EQ(plan.steps(), 1U);
  EXPECT_EQ(plan.read_steps(), 3U);
  EXPECT_EQ(plan.hits(), 1U);
}

TEST(FaultPlan, ClearDropsWhatHasNotHappened) {
  FaultPlan plan;
  plan.fail_at(0, FaultKind::io_error);
  plan.fail_read_at(0);
  plan.clear();
  EXPECT_FALSE(plan.next(Step::change));
  EXPECT_FALSE(plan.next_read());
  EXPECT_EQ(plan.hits(), 0U);
}

TEST(FaultPlan, EveryKindHasItsOwnName) {
  std::set<std::string_view> names;
  for (const FaultKind kind : kFaultKinds) names.insert(fault_kind_name(kind));
  EXPECT_EQ(names.size(), std::size(kFaultKinds));
}

}  // namespace
}  // namespace tally::storage
