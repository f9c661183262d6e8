// SPDX-License-Identifier: Apache-2.0
#include "log/block_source.h"

#include "log/tampered_log.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

class BlockSourceTest : public TamperedLog {
 protected:
  std::vector<Block> read_blocks() {
    auto reader = Reader::open(fs_, directory_);
    head_ = *reader->head();
    const Layout layout(directory_);
    BlockSource source(fs_, layout, *head_, *list_segments(fs_, layout));
    std::vector<Block> out;
    total_ = source.total_bytes();
    for (;;) {
      auto block = source.next();
      EXPECT_TRUE(block) << block.error().detail;
      if (!block || !*block) return out;
      out.push_back(std::move(**block));
    }
  }
  std::optional<Head> head_;
  std::uint64_t total_ = 0;
};

TEST_F(BlockSourceTest, BlocksAreWholeLinesInOrderAndTogetherTheWholeLog) {
  fill(3000);
  std::string all;
  std::uint64_t index = 0;
  for (const Block& block : read_blocks()) {
    EXPECT_EQ(block.index, index++);
    EXPECT_EQ(block.segment_start, block.offset == 0);
    EXPECT_TRUE(block.bytes.ends_with('\n'));
    all += block.bytes;
  }
  EXPECT_EQ(all.size(), total_);
  EXPECT_EQ(std::ranges::count(all, '\n'), 3000);
}

TEST_F(BlockSourceTest, LinesThatCrossReadsStayWhole) {
  auto writer = open();
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(writer->append(entry(i, 40'000)));  // over two blocks
  ASSERT_TRUE(writer->close());
  const auto blocks = read_blocks();
  EXPECT_GE(blocks.size(), 3U);
  for (const Block& block : blocks) EXPECT_TRUE(block.bytes.starts_with("{\"seq\":"));
}

TEST_F(BlockSourceTest, BytesBehindTheHeadAreNotRead) {
  fill(100);
  const std::string path = Layout(directory_).segment(LeafIndex{0});
  fs_.put(path, *fs_.content(path) + "uncommitted");
  for (const Block& block : read_blocks())
    EXPECT_EQ(block.bytes.find("uncommitted"), std::string::npos);
}

}  // namespace
}  // namespace tally::log
