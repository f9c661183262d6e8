// SPDX-License-Identifier: Apache-2.0
#include "log/layout.h"

#include "storage/simulated_file_system.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

class LayoutTest : public ::testing::Test {
 protected:
  LayoutTest() {
    EXPECT_TRUE(fs_.make_directory("/log"));
    EXPECT_TRUE(fs_.make_directory(layout_.segments()));
  }
  storage::SimulatedFileSystem fs_;
  Layout layout_{"/log"};
};

TEST_F(LayoutTest, NamesAreThoseOfTheFormat) {
  EXPECT_EQ(layout_.info(), "/log/log.json");
  EXPECT_EQ(layout_.public_key(), "/log/key.pub");
  EXPECT_EQ(layout_.head(), "/log/head");
  EXPECT_EQ(layout_.lock(), "/log/lock");
  EXPECT_EQ(layout_.checkpoint(), "/log/checkpoint");
  EXPECT_EQ(layout_.checkpoints(), "/log/checkpoints");
  EXPECT_EQ(layout_.segment(LeafIndex{42}), "/log/segments/00000000000000000042.jsonl");
  EXPECT_EQ(layout_.tree_level(1), "/log/tree/1");
}

TEST_F(LayoutTest, SegmentNamesAreReadBack) {
  for (const std::uint64_t n :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, ~std::uint64_t{0}}) {
    EXPECT_EQ(parse_segment_name(segment_name(LeafIndex{n})), LeafIndex{n});
  }
}

TEST_F(LayoutTest, NoOtherNameIsASegment) {
  for (const char* bad :
       {"", ".jsonl", "0.jsonl", "0000000000000000000.jsonl", "000000000000000000000.jsonl",
        "0000000000000000000a.jsonl", "-0000000000000000001.jsonl", "18446744073709551616.jsonl",
        "00000000000000000001.json", "00000000000000000001.jsonl.zst",
        "00000000000000000001.jsonl~"}) {
    EXPECT_EQ(parse_segment_name(bad), std::nullopt) << bad;
  }
}

TEST_F(LayoutTest, SegmentsAreListedInOrderOfTheirNumbers) {
  for (const std::uint64_t n : {std::uint64_t{1000}, std::uint64_t{0}, std::uint64_t{99}}) {
    fs_.put(layout_.segment(LeafIndex{n}), "");
  }
  const auto listed = list_segments(fs_, layout_);
  ASSERT_TRUE(listed) << listed.error().detail;
  EXPECT_EQ(*listed, (std::vector{LeafIndex{0}, LeafIndex{99}, LeafIndex{1000}}));
}

TEST_F(LayoutTest, AForeignFileAmongTheSegmentsIsNamed) {
  fs_.put("/log/segments/notes.txt", "");
  const auto listed = list_segments(fs_, layout_);
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().code, Errc::corrupt);
  EXPECT_NE(listed.error().detail.find("/log/segments/notes.txt"), std::string::npos);
}

TEST_F(LayoutTest, AMissingFolderIsAnError) {
  EXPECT_EQ(list_segments(fs_, Layout("/nothing")).error().code, Errc::not_found);
}

}  // namespace
}  // namespace tally::log
