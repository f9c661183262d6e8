// SPDX-License-Identifier: Apache-2.0
#include "log/verify_report.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

TEST(VerifyReport, KindsAndTrustHaveStableNames) {
  EXPECT_EQ(problem_name(ProblemKind::entry_altered), "entry-altered");
  EXPECT_EQ(problem_name(ProblemKind::outside_checkpoint), "outside-checkpoint");
  EXPECT_EQ(trust_name(Trust::self), "self");
}

TEST(VerifyReport, ProblemsAreSortedByEntryWithThoseOfFilesLast) {
  ProblemList list;
  list.add(ProblemKind::file, std::nullopt, "file");
  list.add(ProblemKind::entry_altered, 9, "nine");
  list.add(ProblemKind::entry_order, 2, "two");
  VerifyReport report;
  list.move_to(report);
  ASSERT_EQ(report.problems.size(), 3U);
  EXPECT_EQ(report.problems[0].detail, "two");
  EXPECT_EQ(report.problems[1].detail, "nine");
  EXPECT_EQ(report.problems[2].detail, "file");
  EXPECT_FALSE(report.ok());
}

TEST(VerifyReport, MoreThanTheLimitAreCountedNotKept) {
  ProblemList list;
  for (std::uint64_t i = 0; i < ProblemList::kProblemsMax + 5; ++i)
    list.add(ProblemKind::entry_altered, i, "x");
  VerifyReport report;
  list.move_to(report);
  EXPECT_EQ(report.problems.size(), ProblemList::kProblemsMax);
  EXPECT_EQ(report.problems_left_out, 5U);
}

}  // namespace
}  // namespace tally::log
