// SPDX-License-Identifier: Apache-2.0
#include "log/block_check.h"

#include "log/tampered_log.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

class BlockCheckTest : public TamperedLog {
 protected:
  CheckedBlock check(std::string bytes) {
    BlockChecker checker(fs_, Layout(directory_), crypto::HashAlgorithm::sha256);
    return checker.check(Block{0, LeafIndex{0}, 0, true, std::move(bytes)});
  }
  std::string first_segment() { return *fs_.content(Layout(directory_).segment(LeafIndex{0})); }
};

TEST_F(BlockCheckTest, AnUntouchedBlockIsRegularAndGivesItsRange) {
  fill(400);
  const auto checked = check(first_segment());
  EXPECT_TRUE(checked.regular);
  EXPECT_EQ(checked.range.begin(), TreeSize{0});
  EXPECT_GT(checked.range.end().value(), 0U);
  EXPECT_TRUE(checked.differences.empty());
}

TEST_F(BlockCheckTest, AnyOddityMakesItIrregular) {
  fill(400);
  const std::string good = first_segment();
  std::string altered = good;
  altered[30] = static_cast<char>(altered[30] ^ 1);
  EXPECT_FALSE(check(altered).regular);
  EXPECT_FALSE(check(good.substr(0, good.size() - 1)).regular) << "no end of line";
  EXPECT_FALSE(check("no number\n" + good).regular);
  const std::size_t line = good.find('\n') + 1;
  EXPECT_FALSE(check(good.substr(0, line) + good.substr(good.find('\n', line) + 1)).regular)
      << "a line is missing";
}

TEST_F(BlockCheckTest, AStoredNodeThatDiffersIsNamed) {
  fill(400);  // one segment, and in it the first tile
  ASSERT_EQ(list_segments(fs_, Layout(directory_))->size(), 1U);
  flip(Layout(directory_).tree_level(1), 3);
  const auto checked = check(first_segment());
  EXPECT_TRUE(checked.regular);
  ASSERT_EQ(checked.differences.size(), 1U);
  EXPECT_EQ(checked.differences[0].level, 1U);
  EXPECT_EQ(checked.differences[0].index, 0U);
}

}  // namespace
}  // namespace tally::log
