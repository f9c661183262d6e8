// SPDX-License-Identifier: Apache-2.0
#include "log/verify_files.h"

#include "log/tampered_log.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

class VerifyFilesTest : public TamperedLog {};

TEST_F(VerifyFilesTest, AGivenKeyIsTrustedBeforeThePinnedOne) {
  fill(10);
  const auto info = *read_log_info(fs_, Layout(directory_));
  ProblemList problems;
  VerifyOptions options;
  options.key = keys_->signer.verifier();
  const auto key = choose_key(fs_, Layout(directory_), info, options, test_environment(), problems);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->trust, Trust::given);
  EXPECT_TRUE(key->head.has_value());
  EXPECT_TRUE(problems.empty());
}

TEST_F(VerifyFilesTest, AnotherKeyThanTheTrustedOneIsAProblem) {
  fill(10);
  const auto info = *read_log_info(fs_, Layout(directory_));
  ProblemList problems;
  VerifyOptions options;
  options.key = crypto::NoteSigner::generate(info.origin, system_random())->verifier();
  ASSERT_TRUE(choose_key(fs_, Layout(directory_), info, options, test_environment(), problems));
  EXPECT_FALSE(problems.empty());
}

TEST_F(VerifyFilesTest, EveryKeptCheckpointIsAPoint) {
  fill(100);
  fill(100);
  ProblemList problems;
  VerifyReport report;
  std::vector<RootPoint> points;
  ASSERT_TRUE(collect_checkpoints(fs_, Layout(directory_), keys_->signer.verifier(), {}, problems,
                                  report, points));
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(report.signed_size, 200U);
  EXPECT_EQ(report.checkpoints_checked, points.size());
  EXPECT_GE(points.size(), 4U) << "creation, two closes, latest";
}

TEST_F(VerifyFilesTest, ATornOlderSlotIsAProblemAndTheNewerOneCounts) {
  fill(100);
  const std::string path = Layout(directory_).head();
  auto file = *fs_.open(path, storage::OpenMode::read);
  const auto slots = *read_head_slots(*file);
  flip(path, (1 - *slots.newest()) * kHeadSlotBytes + 100);
  ProblemList problems;
  VerifyReport report;
  std::vector<RootPoint> points;
  const auto head =
      read_head(fs_, Layout(directory_), keys_->for_heads(), problems, report, points);
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->size, TreeSize{100});
  EXPECT_FALSE(problems.empty());
}

}  // namespace
}  // namespace tally::log
