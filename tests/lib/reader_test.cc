// SPDX-License-Identifier: Apache-2.0
#include "tallystick/reader.h"

#include "lib/lib_fixture.h"

#include <limits>

namespace tallystick {
namespace {

class ReaderTest : public LibFixture {
 protected:
  /// Numbers visited, each checked against its line.
  static Reader::Visitor collect(std::vector<std::uint64_t>& seen, std::size_t at_most = 1'000) {
    return [&seen, at_most](std::uint64_t seq, std::string_view line) {
      EXPECT_EQ(parse_event(line).value().seq, seq);
      EXPECT_EQ(parse_event(line).value().details, "{\"n\":" + std::to_string(seq) + "}");
      seen.push_back(seq);
      return seen.size() < at_most;
    };
  }
};

TEST_F(ReaderTest, walks_both_ways) {
  make_log(10);
  Reader reader = Reader::open(log()).value();
  std::vector<std::uint64_t> seen;
  reader.for_each(collect(seen), 7).value();
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{7, 8, 9}));
  seen.clear();
  reader.for_each_backward(collect(seen), 3).value();
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{2, 1, 0}));
  seen.clear();
  reader.for_each(collect(seen, 2)).value();
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{0, 1}));
  seen.clear();
  reader.for_each_backward(collect(seen, 2)).value();
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{9, 8}));
  seen.clear();
  reader.for_each(collect(seen), 10).value();
  EXPECT_TRUE(seen.empty());
  EXPECT_EQ(reader.for_each_backward(collect(seen), 11).error().code, Errc::invalid_argument);
}

TEST_F(ReaderTest, what_a_visitor_throws_comes_out) {
  make_log(3);
  Reader reader = Reader::open(log()).value();
  const auto throwing = [](std::uint64_t, std::string_view) -> bool { throw 7; };
  EXPECT_THROW(static_cast<void>(reader.for_each(throwing)), int);
  EXPECT_EQ(reader.size().value(), 3U);  // and the reader still works
}

TEST_F(ReaderTest, gives_single_entries) {
  make_log(3);
  Reader reader = Reader::open(log()).value();
  EXPECT_EQ(parse_event(reader.entry(2).value()).value().seq, 2U);
  EXPECT_EQ(reader.entry(3).error().code, Errc::not_found);
  EXPECT_EQ(reader.entry(std::numeric_limits<std::uint64_t>::max()).error().code, Errc::not_found);
}

TEST_F(ReaderTest, sees_a_log_grow) {
  Writer writer = open();
  Reader reader = Reader::open(log()).value();
  EXPECT_EQ(reader.size().value(), 0U);
  writer.append(numbered(0)).value();
  writer.close().value();
  EXPECT_EQ(reader.size().value(), 1U);
  EXPECT_EQ(reader.origin(), writer.origin());
  EXPECT_EQ(reader.hash(), "sha256");
}

TEST_F(ReaderTest, says_that_there_is_no_log) {
  const auto opened = Reader::open(log());
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, Errc::not_found);
  EXPECT_NE(opened.error().detail.find(log()), std::string::npos);
}

TEST_F(ReaderTest, says_that_lines_are_out_of_order) {
  make_log(3);
  std::string lines = read(first_segment());
  lines.replace(lines.find("\"seq\":1"), 7, "\"seq\":5");
  write(first_segment(), lines);
  Reader reader = Reader::open(log()).value();
  std::vector<std::uint64_t> seen;
  EXPECT_EQ(reader.for_each(collect(seen)).error().code, Errc::corrupt);
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{0}));
}

}  // namespace
}  // namespace tallystick
