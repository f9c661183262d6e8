// SPDX-License-Identifier: Apache-2.0
#include "index/line_source.h"

#include "index/index_fixture.h"

#include <gtest/gtest.h>

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
