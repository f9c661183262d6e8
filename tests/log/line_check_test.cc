// SPDX-License-Identifier: Apache-2.0
// The joiner alone, with blocks of any size; verifier_test.cc has it at work on damaged logs.
#include "log/line_check.h"

#include "log/tampered_log.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

class LineCheckTest : public TamperedLog {
 protected:
  /// All lines, cut into blocks of `lines` lines.
  LineCheck join_in_blocks(std::size_t lines) {
    auto reader = Reader::open(fs_, directory_);
    const Head head = *reader->head();
    const Layout layout(directory_);
    LineCheck check(fs_, layout, crypto::HashAlgorithm::sha256, head);
    BlockChecker checker(fs_, layout, crypto::HashAlgorithm::sha256);
    std::uint64_t index = 0;
    const auto segments = list_segments(fs_, layout);
    for (const LeafIndex segment : *segments) {
      const std::string bytes = *fs_.content(layout.segment(segment));
      std::size_t at = 0;
      while (at < bytes.size()) {
        std::size_t end = at;
        for (std::size_t i = 0; i < lines && end < bytes.size(); ++i)
          end = bytes.find('\n', end) + 1;
        check.join(checker.check(Block{index++, segment, at, at == 0, bytes.substr(at, end - at)}));
        at = end;
      }
    }
    check.finish();
    head_root_ = head.root;
    return check;
  }
  std::optional<merkle::RootHash> head_root_;
};

TEST_F(LineCheckTest, BlocksOfAnySizeGiveTheCommittedRoot) {
  fill(700);
  for (const std::size_t lines : {1U, 3U, 100U, 1000U}) {
    LineCheck check = join_in_blocks(lines);
    EXPECT_TRUE(check.clean());
    EXPECT_EQ(check.line_root(), head_root_) << lines;
    EXPECT_EQ(check.stored_root(), head_root_);
    EXPECT_EQ(check.lines_seen(), 700U);
  }
}

TEST_F(LineCheckTest, AChangedLineSplitsTheTwoTrees) {
  fill(700);
  edit_line(350, [](std::string& line) { line[20] ^= 1; });
  LineCheck check = join_in_blocks(64);
  EXPECT_FALSE(check.clean());
  EXPECT_NE(check.line_root(), head_root_);
  EXPECT_EQ(check.stored_root(), head_root_) << "tree/0 still says what was committed";
  ASSERT_EQ(check.line_hashes().size(), 1U);
  EXPECT_EQ(check.line_hashes().begin()->first, 350U);
}

TEST_F(LineCheckTest, MissingLinesLeaveNoRootFromLines) {
  fill(700);
  erase_lines(10, 12);
  LineCheck check = join_in_blocks(64);
  EXPECT_FALSE(check.line_root().has_value());
  EXPECT_EQ(check.stored_root(), head_root_);
}

}  // namespace
}  // namespace tally::log
