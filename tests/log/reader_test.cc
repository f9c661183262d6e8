// SPDX-License-Identifier: Apache-2.0
#include "log/reader.h"

#include "log/hooked_file_system.h"
#include "log/log_fixture.h"
#include "log/writing_process.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

class ReaderTest : public ::testing::Test {
 protected:
  ReaderTest() {
    EXPECT_TRUE(run_actions(fs_, ledger_, {{9, {}}, {9, {}}, {9, {}}, {9, {}}, {4, {}}}));
  }
  Reader open() {
    auto reader = Reader::open(fs_, "/log");
    EXPECT_TRUE(reader) << reader.error().detail;
    return std::move(*reader);
  }
  std::vector<std::uint64_t> scan(std::uint64_t first, bool backward = false) {
    auto reader = open();
    std::vector<std::uint64_t> out;
    const auto take = [&](LeafIndex seq, std::string_view line) {
      EXPECT_TRUE(line.starts_with("{\"seq\":" + std::to_string(seq.value()) + ","));
      out.push_back(seq.value());
      return true;
    };
    const auto done = backward ? reader.scan_backward(*reader.head(), TreeSize{first}, take)
                               : reader.scan(*reader.head(), LeafIndex{first}, take);
    EXPECT_TRUE(done) << done.error().detail;
    return out;
  }
  storage::SimulatedFileSystem fs_;
  Ledger ledger_{"/log"};
  Layout layout_{"/log"};
};

TEST_F(ReaderTest, ScansForwardsFromEveryEntry) {
  for (std::uint64_t first = 0; first <= 41; ++first) {
    std::vector<std::uint64_t> expected;
    for (std::uint64_t i = first; i < 40; ++i) expected.push_back(i);
    EXPECT_EQ(scan(first), expected) << first;
  }
}

TEST_F(ReaderTest, ScansBackwardsFromEveryEntry) {
  for (std::uint64_t end = 0; end <= 40; ++end) {
    std::vector<std::uint64_t> expected;
    for (std::uint64_t i = end; i-- > 0;) expected.push_back(i);
    EXPECT_EQ(scan(end, true), expected) << end;
  }
  auto reader = open();
  EXPECT_EQ(reader.scan_backward(*reader.head(), TreeSize{41}, {}).error().code,
            Errc::invalid_argument);
}

TEST_F(ReaderTest, GivesOneLine) {
  auto reader = open();
  const auto head = *reader.head();
  EXPECT_TRUE(reader.line(head, LeafIndex{20})->starts_with("{\"seq\":20,"));
  EXPECT_EQ(reader.line(head, LeafIndex{40}).error().code, Errc::not_found);
}

TEST_F(ReaderTest, TheVisitorStopsIt) {
  auto reader = open();
  int seen = 0;
  const auto two = [&](LeafIndex, std::string_view) { return ++seen < 2; };
  ASSERT_TRUE(reader.scan(*reader.head(), LeafIndex{0}, two));
  EXPECT_EQ(seen, 2);
  seen = 0;
  ASSERT_TRUE(reader.scan_backward(*reader.head(), TreeSize{40}, two));
  EXPECT_EQ(seen, 2);
}

/// Numbers of `count` entries from `first` on, at most.
std::vector<std::uint64_t> some(Reader& reader, std::uint64_t first, std::size_t count) {
  std::vector<std::uint64_t> out;
  const auto done =
      reader.scan(*reader.head(), LeafIndex{first}, [&](LeafIndex seq, std::string_view line) {
        EXPECT_TRUE(line.starts_with("{\"seq\":" + std::to_string(seq.value()) + ","));
        out.push_back(seq.value());
        return out.size() < count;
      });
  EXPECT_TRUE(done) << done.error().detail;
  return out;
}

TEST_F(ReaderTest, GoesOnWhereItEndedWithoutASearch) {
  HookedFileSystem counting(fs_);
  int reads = 0;
  counting.hooks().before_read = [&](const std::string& path) {
    if (path.find("/segments/") != std::string::npos) ++reads;
  };
  auto reader = std::move(*Reader::open(counting, "/log"));
  for (std::uint64_t first = 0; first < 40; ++first) {
    EXPECT_EQ(some(reader, first, 1), std::vector{first});
    reads = 0;
    EXPECT_EQ(some(reader, first, 1), std::vector{first}) << "the same once more";
    EXPECT_EQ(reads, 1) << first;
    reads = 0;
    if (first == 39) break;
    EXPECT_EQ(some(reader, first + 1, 1), std::vector{first + 1});
    EXPECT_LE(reads, 2) << first << ": the end of a segment, and the next one";
  }
  ASSERT_TRUE(run_actions(fs_, ledger_, {{3, {}}}));
  reads = 0;
  EXPECT_EQ(some(reader, 40, 9), (std::vector<std::uint64_t>{40, 41, 42}));
  EXPECT_LE(reads, 2);
}

TEST_F(ReaderTest, FindsItsPlaceInALogThatIsAnotherOneSince) {
  const auto segments = *list_segments(fs_, layout_);
  const std::string last = layout_.segment(segments.back());
  const std::string before = fs_.content(last)->substr(0, open().head()->segment_bytes);
  const std::uint64_t from = segments.back().value();
  ASSERT_LT(from, 38U);
  auto reader = open();
  const auto head = *reader.head();
  const std::string second = *reader.line(head, LeafIndex{from + 1});
  const auto visit_first = [&] { EXPECT_EQ(some(reader, from, 1), std::vector{from}); };
  const auto number = [&](std::uint64_t n) { return "{\"seq\":" + std::to_string(n) + ","; };

  // The line begins elsewhere.
  for (const std::string first : {"\"ab\":1}\n", "\"abc\":1}\n"}) {
    visit_first();
    const std::string rest = before.substr(before.find('\n') + 1);
    fs_.put(last, number(from) + first + rest);
    Head shorter = head;
    shorter.segment_bytes = fs_.content(last)->size();
    std::string got;
    ASSERT_TRUE(reader.scan(shorter, LeafIndex{from + 1}, [&](LeafIndex, std::string_view line) {
      got = line;
      return false;
    }));
    EXPECT_EQ(got, second);
    fs_.put(last, before);
  }

  // What stands there looks like the line, but is inside another one.
  visit_first();
  const std::size_t place = before.find('\n') + 1;
  std::string trap = number(from) + "\"trap\":\"";
  ASSERT_GT(place, trap.size());
  trap.resize(place, 'x');
  trap += number(from + 1) + "\"false\":1}\n" + second + "\n";
  fs_.put(last, trap);
  Head other = head;
  other.size = TreeSize{from + 2};
  other.segment_bytes = trap.size();
  std::vector<std::string> got;
  ASSERT_TRUE(reader.scan(other, LeafIndex{from + 1}, [&](LeafIndex, std::string_view line) {
    got.emplace_back(line);
    return true;
  }));
  EXPECT_EQ(got, std::vector{second});

  // It ends before that place.
  fs_.put(last, before);
  visit_first();
  fs_.put(last, before.substr(0, place - 2));
  other.segment_bytes = place - 2;
  const auto any = [](LeafIndex, std::string_view) { return true; };
  EXPECT_EQ(reader.scan(other, LeafIndex{from + 1}, any).error().code, Errc::corrupt);
}

TEST_F(ReaderTest, SeesWhatIsCommittedSince) {
  auto reader = open();
  EXPECT_EQ(reader.head()->size, TreeSize{40});
  ASSERT_TRUE(run_actions(fs_, ledger_, {{3, {}}}));
  EXPECT_EQ(reader.head()->size, TreeSize{43});
}

TEST_F(ReaderTest, DoesNotWaitForAWriterAndStaysBehindIt) {
  auto reader = open();
  auto writer = LockFile::open(fs_, layout_);
  ASSERT_EQ(writer->try_lock_commit(), true);
  ASSERT_EQ(writer->lock_head(std::chrono::milliseconds(0)), true);
  EXPECT_EQ(reader.head()->size, TreeSize{36}) << "the newest slot may not be synced";
  writer->unlock_commit();
  EXPECT_EQ(reader.head()->size, TreeSize{40});
}

TEST_F(ReaderTest, DoesNotGoBackWhenAWriterIsInTheWay) {
  auto reader = open();
  const auto before = reader.head();
  ASSERT_TRUE(before);
  LockFile other = std::move(*LockFile::open(fs_, layout_));
  ASSERT_EQ(other.try_lock_commit(), true);
  ASSERT_EQ(other.lock_head(std::chrono::milliseconds(0)), true);
  const auto beside = reader.head();
  ASSERT_TRUE(beside);
  EXPECT_EQ(beside->size, before->size);
}

TEST_F(ReaderTest, DoesNotGoBeyondTheHead) {
  const auto head = *open().head();
  fs_.put(layout_.segment(head.segment),
          *fs_.content(layout_.segment(head.segment)) + "{\"seq\":40,\"a\":1}\n");
  fs_.put(layout_.segment(LeafIndex{41}), "{\"seq\":41,\"a\":1}\n");
  EXPECT_EQ(scan(0).size(), 40U);
  EXPECT_EQ(scan(40, true).size(), 40U);
}

TEST_F(ReaderTest, ChangesNothing) {
  fs_.erase(layout_.lock());
  const auto paths = fs_.paths();
  const std::uint64_t steps = fs_.steps();
  EXPECT_EQ(scan(0).size(), 40U)
      << "a copy without a lock file has no writer: its newest slot counts";
  EXPECT_EQ(fs_.paths(), paths);
  EXPECT_EQ(fs_.steps(), steps);
  fs_.set_read_only(true);
  EXPECT_EQ(scan(0).size(), 40U);
}

TEST_F(ReaderTest, ALockFileThatIsMadeLaterIsRespected) {
  fs_.erase(layout_.lock());
  auto reader = open();
  EXPECT_EQ(reader.head()->size, TreeSize{40});
  auto writer = LockFile::open(fs_, layout_);
  ASSERT_EQ(writer->try_lock_commit(), true);
  ASSERT_EQ(writer->lock_head(std::chrono::milliseconds(0)), true);
  EXPECT_EQ(reader.head()->size, TreeSize{36});
  fs_.erase(layout_.lock());
  auto next = LockFile::open(fs_, layout_);
  ASSERT_EQ(next->try_lock_commit(), true);
  ASSERT_EQ(next->lock_head(std::chrono::milliseconds(0)), true);
  EXPECT_EQ(reader.head()->size, TreeSize{36});
}

TEST_F(ReaderTest, AWrongNumberIsAnError) {
  auto reader = open();
  const auto head = *reader.head();
  fs_.overwrite(layout_.segment(LeafIndex{0}), 0, as_bytes("{\"seq\":1,"));
  const auto any = [](LeafIndex, std::string_view) { return true; };
  EXPECT_EQ(reader.scan(head, LeafIndex{0}, any).error().code, Errc::corrupt);
  EXPECT_EQ(reader.scan_backward(head, TreeSize{40}, any).error().code, Errc::corrupt);
}

TEST_F(ReaderTest, AMissingSegmentIsAnError) {
  auto reader = open();
  const auto head = *reader.head();
  const auto segments = *list_segments(fs_, layout_);
  ASSERT_GT(segments.size(), 2U);
  const auto any = [](LeafIndex, std::string_view) { return true; };
  for (const LeafIndex segment : segments) {
    const std::string content = *fs_.content(layout_.segment(segment));
    fs_.erase(layout_.segment(segment));
    EXPECT_EQ(reader.scan(head, LeafIndex{0}, any).error().code, Errc::corrupt) << segment.value();
    EXPECT_FALSE(reader.scan_backward(head, TreeSize{40}, any)) << segment.value();
    fs_.put(layout_.segment(segment), content);
  }
}

TEST_F(ReaderTest, WithoutALogOrHeadThereIsAnError) {
  EXPECT_EQ(Reader::open(fs_, "/nothing").error().code, Errc::not_found);
  auto reader = open();
  fs_.put(layout_.head(), "");
  EXPECT_EQ(reader.head().error().code, Errc::corrupt);
}

}  // namespace
}  // namespace tally::log
