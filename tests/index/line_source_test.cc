// SPDX-License-Identifier: Apache-2.0
#include "index/line_source.h"

#include "index/index_fixture.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace tally::index {
namespace {

class LineSourceTest : public IndexFixture {
 protected:
  std::vector<std::string> lines() {
    std::vector<std::string> out;
    auto reader = *log::Reader::open(fs_, log_);
    EXPECT_TRUE(reader.scan(*reader.head(), LeafIndex{0}, [&](LeafIndex, std::string_view line) {
      out.emplace_back(line);
      return true;
    }));
    return out;
  }
};

TEST_F(LineSourceTest, GivesEveryLineInAnyOrder) {
  Events events(1);
  append(events, 1'200);  // several segments, several windows
  const auto all = lines();
  auto source = *LineSource::open(fs_, log_);
  for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(*source.line(i), all[i]);
  for (std::size_t i = all.size(); i-- > 0;) ASSERT_EQ(*source.line(i), all[i]);
  for (int i = 0; i < 300; ++i) {
    const std::uint64_t seq = events.below(1'200);
    ASSERT_EQ(*source.line(seq), all[seq]);
  }
}

TEST_F(LineSourceTest, GivesLinesOfAnyLength) {
  Events events(3);
  for (int i = 0; i < 150; ++i) {
    append(events, 1 + static_cast<int>(events.below(4)));
    const std::string filling(events.below(10) == 0 ? 40'000 : events.below(9'000), 'x');
    ASSERT_TRUE(writer_->append_all({*log::EntryText::from_object("{\"x\":\"" + filling + "\"}")}));
  }
  const auto all = lines();
  auto source = *LineSource::open(fs_, log_);
  for (std::size_t i = 0; i < all.size(); i += 3) ASSERT_EQ(*source.line(i), all[i]);
  for (std::size_t i = all.size(); i-- > 0;) ASSERT_EQ(*source.line(i), all[i]);
  for (int i = 0; i < 500; ++i) {
    const std::uint64_t seq = events.below(static_cast<unsigned>(all.size()));
    ASSERT_EQ(*source.line(seq), all[seq]);
  }
}

TEST_F(LineSourceTest, AWrongNumberHidesNoOtherLine) {
  Events events(4);
  append(events, 120);  // one segment
  const auto all = lines();
  const std::string path = log::Layout(log_).segment(LeafIndex{0});
  std::stringstream bytes;
  bytes << std::ifstream(path).rdbuf();
  std::string text = bytes.str();
  for (const std::size_t wrong : {std::size_t{50}, std::size_t{80}}) {
    text.replace(text.find(all[wrong]), 9, "{\"seq\":99");  // as long as before
  }
  std::ofstream(path) << text;
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{119}}) {
    auto source = *LineSource::open(fs_, log_);
    for (std::size_t k = 0; k < all.size(); ++k) {
      const std::size_t seq = k * step % all.size();
      const auto line = source.line(seq);
      if (seq == 50 || seq == 80) {
        EXPECT_EQ(line.error().code, Errc::corrupt) << seq;
      } else {
        ASSERT_TRUE(line) << seq << line.error().detail;
        EXPECT_EQ(*line, all[seq]);
      }
    }
  }
}

TEST_F(LineSourceTest, FindsWhatCameLater) {
  Events events(2);
  auto source = *LineSource::open(fs_, log_);
  EXPECT_EQ(source.line(0).error().code, Errc::not_found);
  for (int i = 0; i < 40; ++i) {
    append(events, 13);
    const auto all = lines();
    EXPECT_EQ(*source.line(all.size() - 1), all.back());
    EXPECT_EQ(*source.line(0), all.front());
    EXPECT_EQ(source.line(all.size()).error().code, Errc::not_found);
  }
}

}  // namespace
}  // namespace tally::index
