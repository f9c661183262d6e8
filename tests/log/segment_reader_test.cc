// SPDX-License-Identifier: Apache-2.0
#include "log/segment_reader.h"

#include "base/limits.h"
#include "log/entry.h"
#include "storage/simulated_file_system.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tally::log {
namespace {

struct Line {
  std::string text;
  std::uint64_t offset;
  friend bool operator==(const Line&, const Line&) = default;
};

class SegmentReaderTest : public ::testing::Test {
 protected:
  storage::File& file_with(std::string content) {
    fs_.put("/segment", std::move(content));
    file_ = std::move(*fs_.open("/segment", storage::OpenMode::read));
    return *file_;
  }
  /// Lines numbered from `first`, of lengths that make some of them cross the blocks that are read.
  std::string numbered(std::uint64_t first, std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::string out;
    lines_.clear();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t filler = random() % 5 == 0 ? random() % 30'000 : random() % 100;
      const std::size_t start = out.size();
      append_line(out, LeafIndex{first + i}, R"({"x":")" + std::string(filler, 'x') + "\"}");
      lines_.push_back({out.substr(start), start});
      out += '\n';
    }
    return out;
  }
  Result<std::vector<Line>> forwards(storage::File& file, std::uint64_t begin, std::uint64_t end) {
    std::vector<Line> out;
    TALLY_TRY_VOID(read_lines(file, begin, end, [&](std::string_view line, std::uint64_t offset) {
      out.push_back({std::string(line), offset});
      return true;
    }));
    return out;
  }
  Result<std::vector<Line>> backwards(storage::File& file, std::uint64_t begin, std::uint64_t end) {
    std::vector<Line> out;
    TALLY_TRY_VOID(
        read_lines_backward(file, begin, end, [&](std::string_view line, std::uint64_t offset) {
          out.push_back({std::string(line), offset});
          return true;
        }));
    std::ranges::reverse(out);
    return out;
  }
  storage::SimulatedFileSystem fs_;
  std::unique_ptr<storage::File> file_;
  std::vector<Line> lines_;
};

TEST_F(SegmentReaderTest, BothDirectionsGiveTheSameLinesFromEveryLineOn) {
  const std::string content = numbered(0, 400, 1);
  storage::File& file = file_with(content);
  ASSERT_GT(content.size(), 3 * 256 * kKiB);
  for (std::size_t i = 0; i < lines_.size(); i += 13) {
    const std::vector<Line> expected(lines_.begin() + static_cast<std::ptrdiff_t>(i), lines_.end());
    EXPECT_EQ(*forwards(file, lines_[i].offset, content.size()) == expected, true) << i;
    EXPECT_EQ(*backwards(file, lines_[i].offset, content.size()) == expected, true) << i;
  }
}

TEST_F(SegmentReaderTest, AnEmptyRangeHasNoLines) {
  storage::File& file = file_with("abc\n");
  EXPECT_TRUE(forwards(file, 0, 0)->empty());
  EXPECT_TRUE(backwards(file, 0, 0)->empty());
  EXPECT_TRUE(forwards(file, 4, 4)->empty());
}

TEST_F(SegmentReaderTest, EmptyLinesAreLines) {
  storage::File& file = file_with("\n\nabc\n\n");
  const std::vector<Line> expected{{"", 0}, {"", 1}, {"abc", 2}, {"", 6}};
  EXPECT_EQ(*forwards(file, 0, 7), expected);
  EXPECT_EQ(*backwards(file, 0, 7), expected);
}

TEST_F(SegmentReaderTest, TheVisitorStopsIt) {
  storage::File& file = file_with(numbered(0, 50, 2));
  const std::uint64_t end = file.info()->size;
  std::size_t seen = 0;
  const auto three = [&](std::string_view, std::uint64_t) { return ++seen < 3; };
  ASSERT_TRUE(read_lines(file, 0, end, three));
  EXPECT_EQ(seen, 3U);
  seen = 0;
  ASSERT_TRUE(read_lines_backward(file, 0, end, three));
  EXPECT_EQ(seen, 3U);
}

TEST_F(SegmentReaderTest, AMissingEndIsCorrupt) {
  storage::File& file = file_with("abc\nde");
  EXPECT_EQ(forwards(file, 0, 6).error().code, Errc::corrupt) << "the last line has no LF";
  EXPECT_EQ(backwards(file, 0, 6).error().code, Errc::corrupt);
  EXPECT_EQ(forwards(file, 0, 9).error().code, Errc::corrupt) << "shorter than committed";
  EXPECT_EQ(backwards(file, 0, 9).error().code, Errc::corrupt);
}

TEST_F(SegmentReaderTest, TheLongestLineIsReadAndAnEndlessOneIsNot) {
  const std::string longest(kEntryBytesMax, 'x');
  storage::File& fine = file_with(longest + "\n" + longest + "\n");
  EXPECT_EQ(forwards(fine, 0, 2 * longest.size() + 2)->size(), 2U);
  EXPECT_EQ(backwards(fine, 0, 2 * longest.size() + 2)->size(), 2U);
  EXPECT_EQ(*read_line_at(fine, 0, longest.size() + 1), longest);

  const std::string endless(4 * kMiB, 'x');
  storage::File& bad = file_with(endless + "\n");
  EXPECT_EQ(forwards(bad, 0, endless.size() + 1).error().code, Errc::corrupt);
  EXPECT_EQ(backwards(bad, 0, endless.size() + 1).error().code, Errc::corrupt);
  EXPECT_EQ(read_line_at(bad, 0, endless.size() + 1).error().code, Errc::corrupt);
}

TEST_F(SegmentReaderTest, ALineOverTheLimitIsCorruptWhereverItStands) {
  const std::string over(kEntryBytesMax + 1, 'x');
  storage::File& file = file_with("a\n" + over + "\nb\n");
  const std::uint64_t end = over.size() + 5;
  EXPECT_EQ(forwards(file, 0, end).error().code, Errc::corrupt);
  EXPECT_EQ(backwards(file, 0, end).error().code, Errc::corrupt);
}

TEST_F(SegmentReaderTest, EveryNumberIsFoundAndNoOther) {
  const std::string content = numbered(1000, 150, 3);
  storage::File& file = file_with(content);
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const auto found = find_seq(file, content.size(), LeafIndex{1000 + i});
    ASSERT_TRUE(found) << i << ": " << found.error().detail;
    EXPECT_EQ(*found, lines_[i].offset);
  }
  for (const std::uint64_t missing :
       {std::uint64_t{0}, std::uint64_t{999}, std::uint64_t{1150}, ~std::uint64_t{0}}) {
    EXPECT_EQ(find_seq(file, content.size(), LeafIndex{missing}).error().code, Errc::not_found);
  }
  EXPECT_EQ(find_seq(file, 0, LeafIndex{1000}).error().code, Errc::not_found);
}

TEST_F(SegmentReaderTest, WhatIsBehindTheCommittedBytesIsNotFound) {
  const std::string content = numbered(0, 20, 4);
  storage::File& file = file_with(content);
  const std::uint64_t committed = lines_[10].offset;
  EXPECT_EQ(*find_seq(file, committed, LeafIndex{9}), lines_[9].offset);
  EXPECT_EQ(find_seq(file, committed, LeafIndex{10}).error().code, Errc::not_found);
}

TEST_F(SegmentReaderTest, ALineWithoutANumberIsCorrupt) {
  storage::File& file = file_with("no number\n");
  EXPECT_EQ(find_seq(file, 10, LeafIndex{0}).error().code, Errc::corrupt);
}

}  // namespace
}  // namespace tally::log
