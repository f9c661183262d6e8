// SPDX-License-Identifier: Apache-2.0
#include "log/rehash.h"

#include "log/writing_process.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

/// A log of 40 entries in several segments, and its head.
class RehashTest : public ::testing::Test {
 protected:
  RehashTest() {
    EXPECT_TRUE(run_actions(fs_, ledger_, {{9, {}}, {9, {}}, {9, {}}, {9, {}}, {4, {}}}));
    auto file = fs_.open(layout_.head(), storage::OpenMode::read);
    const auto slots = read_head_slots(**file);
    head_ = slots->slots[*slots->newest()]->head;
    segments_ = *list_segments(fs_, layout_);
    EXPECT_GT(segments_.size(), 2U);
  }
  /// Rehashes everything from entry `from` on; the range before it comes from a clean run.
  Result<merkle::CompactRange> rehash(std::uint64_t from = 0) {
    merkle::CompactRange range{TreeSize{0}};
    const RehashVisitor nobody{[](const merkle::LeafHash&) {},
                               [](unsigned, std::uint64_t, const merkle::NodeHash&) {}};
    if (from > 0) {
      TreeReader reader(fs_, layout_, 32);
      TALLY_TRY(range, merkle::range_from_tiles(hasher_, reader, TreeSize{from}));
    }
    TALLY_TRY_VOID(rehash_lines(fs_, layout_, *head_, hasher_, range, nobody));
    return range;
  }
  void expect_corrupt(std::string_view entry) {
    const auto done = rehash();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Errc::corrupt);
    EXPECT_NE(done.error().detail.find(entry), std::string::npos) << done.error().detail;
  }
  std::string segment(std::size_t i) { return *fs_.content(layout_.segment(segments_[i])); }
  void put(std::size_t i, std::string content) {
    fs_.put(layout_.segment(segments_[i]), std::move(content));
  }

  storage::SimulatedFileSystem fs_;
  Ledger ledger_{"/log"};
  Layout layout_{"/log"};
  merkle::TreeHasher hasher_{crypto::HashAlgorithm::sha256};
  std::optional<Head> head_;
  std::vector<LeafIndex> segments_;
};

TEST_F(RehashTest, GivesTheCommittedRootFromEveryStart) {
  for (std::uint64_t from = 0; from <= head_->size.value(); ++from) {
    const auto range = rehash(from);
    ASSERT_TRUE(range) << from << ": " << range.error().detail;
    EXPECT_EQ(range->root(hasher_), head_->root) << from;
  }
}

TEST_F(RehashTest, TellsTheVisitorOfEveryHash) {
  TreeReader reader(fs_, layout_, 32);
  TreeComparison comparison(reader, 32);
  merkle::CompactRange range{TreeSize{0}};
  ASSERT_TRUE(rehash_lines(fs_, layout_, *head_, hasher_, range, comparison.visitor()));
  EXPECT_EQ(comparison.difference(TreeSize{0}), "");
}

TEST_F(RehashTest, ComparisonNamesTheFirstDifferentHash) {
  fs_.overwrite(layout_.tree_level(0), 32 * 11 + 5, as_bytes("x"));
  TreeReader reader(fs_, layout_, 32);
  TreeComparison comparison(reader, 32);
  merkle::CompactRange range{TreeSize{0}};
  ASSERT_TRUE(rehash_lines(fs_, layout_, *head_, hasher_, range, comparison.visitor()));
  EXPECT_NE(comparison.difference(TreeSize{0}).find("tree/0: hash 11 "), std::string::npos);
}

TEST_F(RehashTest, IgnoresWhatWasNeverCommitted) {
  put(segments_.size() - 1, segment(segments_.size() - 1) + "{\"seq\":40,\"not\":\"committed\"}\n");
  fs_.put(layout_.segment(LeafIndex{41}), "{\"seq\":41}\n");
  EXPECT_TRUE(rehash());
}

TEST_F(RehashTest, AMissingLineIsNamed) {
  std::string text = segment(0);
  put(0, text.substr(text.find('\n') + 1));
  expect_corrupt("entry 0:");
  text.resize(text.rfind('\n', text.size() - 2) + 1);
  put(0, text);
  expect_corrupt("entry " + std::to_string(segments_[1].value() - 1));
}

TEST_F(RehashTest, ADoubledLineIsNamed) {
  const std::string text = segment(1);
  const std::string first = text.substr(0, text.find('\n') + 1);
  put(1, first + text);
  expect_corrupt("entry " + std::to_string(segments_[1].value() + 1));
}

TEST_F(RehashTest, AMissingSegmentIsNamed) {
  fs_.erase(layout_.segment(segments_[1]));
  expect_corrupt("entry " + std::to_string(segments_[1].value()));
  fs_.erase(layout_.segment(segments_[0]));
  expect_corrupt("entry 0");
}

TEST_F(RehashTest, ALineTooManyInAClosedSegmentIsNamed) {
  put(0, segment(0) + "{\"seq\":" + std::to_string(segments_[1].value()) + ",\"x\":1}\n");
  EXPECT_EQ(rehash().error().code, Errc::corrupt);
}

TEST_F(RehashTest, AnEarlyEndOfTheHeadsSegmentIsNamed) {
  std::string text = segment(segments_.size() - 1);
  text.resize(head_->segment_bytes - 3);
  put(segments_.size() - 1, text);
  expect_corrupt("entry 39");
}

TEST_F(RehashTest, EveryLineIsLocated) {
  for (std::uint64_t seq = 0; seq < head_->size.value(); ++seq) {
    const auto at = locate_line(fs_, layout_, *head_, LeafIndex{seq});
    ASSERT_TRUE(at) << at.error().detail;
    const std::string text = *fs_.content(layout_.segment(at->segment));
    EXPECT_EQ(text.find("{\"seq\":" + std::to_string(seq) + ","), at->offset);
  }
}

}  // namespace
}  // namespace tally::log
