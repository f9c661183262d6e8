// SPDX-License-Identifier: Apache-2.0
#include "log/line_pass.h"

#include "log/tampered_log.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

class LinePassTest : public TamperedLog {};

TEST_F(LinePassTest, EveryNumberOfThreadsJoinsInOrderAndReportsProgressToTheEnd) {
  fill(4000);
  auto reader = Reader::open(fs_, directory_);
  const Head head = *reader->head();
  const Layout layout(directory_);
  for (const unsigned threads : {1U, 2U, 5U}) {
    BlockSource source(fs_, layout, head, *list_segments(fs_, layout));
    LineCheck check(fs_, layout, crypto::HashAlgorithm::sha256, head);
    std::uint64_t last = 0;
    const VerifyProgress progress = [&](std::uint64_t done, std::uint64_t total) {
      EXPECT_GE(done, last);
      EXPECT_LE(done, total);
      last = done;
    };
    ASSERT_TRUE(run_line_pass(fs_, layout, crypto::HashAlgorithm::sha256, source, check, threads,
                              progress));
    EXPECT_EQ(check.line_root(), head.root);
    EXPECT_EQ(last, source.total_bytes());
  }
}

TEST_F(LinePassTest, AReadThatFailsIsAnErrorNotAVerdict) {
  fill(1000);
  auto reader = Reader::open(fs_, directory_);
  const Head head = *reader->head();
  const Layout layout(directory_);
  BlockSource source(fs_, layout, head, *list_segments(fs_, layout));
  LineCheck check(fs_, layout, crypto::HashAlgorithm::sha256, head);
  fs_.fail_read_at(fs_.read_steps());
  EXPECT_FALSE(run_line_pass(fs_, layout, crypto::HashAlgorithm::sha256, source, check, 2, {}));
}

}  // namespace
}  // namespace tally::log
