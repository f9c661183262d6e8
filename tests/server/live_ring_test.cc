// SPDX-License-Identifier: Apache-2.0
#include "server/live_ring.h"

#include "index/expression.h"
#include "server/stream_frames.h"

#include <gtest/gtest.h>

#include <random>

namespace tally::server {
namespace {

class LiveRingTest : public ::testing::Test {
 protected:
  static std::string line(std::uint64_t seq) {
    return R"({"seq":)" + std::to_string(seq) + R"(,"event_name":"e","actor_id":"a)" +
           std::to_string(seq % 3) + R"(","target_id":")" + (seq % 2 == 0 ? "git" : "files") +
           R"(/x","target_type":"tool"})";
  }
  static index::Filter filter(const std::string& text) {
    index::Filter out;
    out.all.push_back(*index::parse_expression(text, {}));
    return out;
  }
  void add(LiveRing& ring, std::size_t count) { ring.add(prepare(ring, count)); }
  static LiveRing::Prepared prepare(const LiveRing& ring, std::size_t count) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) texts.push_back(line(ring.end() + i));
    const std::vector<std::string_view> lines(texts.begin(), texts.end());
    return LiveRing::prepare(ring.end(), lines, ring.groups());
  }
  static std::string frames(std::uint64_t first, std::uint64_t end, std::uint64_t every,
                            std::uint64_t rest) {
    std::string out;
    for (std::uint64_t seq = first; seq < end; ++seq) {
      if (seq % every == rest) append_entry_frame(out, seq, line(seq));
    }
    return out;
  }
};

TEST_F(LiveRingTest, GivesEachGroupWhatMatches) {
  LiveRing ring(10, 1 << 20);
  const auto all = ring.join({});
  const auto some = ring.join(filter("actor:a1"));
  EXPECT_EQ(ring.join({}), all) << "the same filter is one group";
  add(ring, 5);
  add(ring, 100);
  std::string out;
  std::uint64_t next = 12;
  EXPECT_TRUE(ring.read(*all, next, out, 1 << 20));
  EXPECT_EQ(out, frames(12, 115, 1, 0));
  EXPECT_EQ(next, 115U);
  out.clear();
  next = 10;
  EXPECT_TRUE(ring.read(*some, next, out, 1 << 20));
  EXPECT_EQ(out, frames(10, 115, 3, 1));
  EXPECT_EQ(next, 115U) << "what does not match is done with too";
  EXPECT_FALSE(LiveRing::has_news(*some, next));
}

TEST_F(LiveRingTest, AScopeIsPartOfTheGroup) {
  LiveRing ring(0, 1 << 20);
  index::Filter git;
  git.servers = {"git"};
  const auto scoped = ring.join(git);
  EXPECT_NE(ring.join({}), scoped);
  add(ring, 20);
  std::string out;
  std::uint64_t next = 0;
  EXPECT_TRUE(ring.read(*scoped, next, out, 1 << 20));
  EXPECT_EQ(out, frames(0, 20, 2, 0));
}

TEST_F(LiveRingTest, PiecesTogetherAreTheWhole) {
  LiveRing ring(0, 1 << 20);
  const auto group = ring.join(filter("actor:a2"));
  for (int i = 0; i < 7; ++i) add(ring, 70);
  std::string all;
  std::uint64_t next = 0;
  for (bool done = false; !done;) {
    std::string piece;
    done = ring.read(*group, next, piece, 500);
    EXPECT_LT(piece.size(), 2'000U);
    all += piece;
  }
  EXPECT_EQ(all, frames(0, 490, 3, 2));
}

TEST_F(LiveRingTest, HoldsSoMuchAndSaysWhatItReaches) {
  LiveRing ring(0, 40'000);
  const auto group = ring.join({});
  std::string out;
  for (int i = 0; i < 20; ++i) add(ring, 10);
  EXPECT_EQ(ring.end(), 200U);
  EXPECT_GT(ring.begin(), 100U);
  EXPECT_LT(ring.begin(), 200U);
  EXPECT_FALSE(ring.reaches(*group, ring.begin() - 1));
  EXPECT_TRUE(ring.reaches(*group, ring.begin()));
  std::uint64_t next = ring.begin();
  EXPECT_TRUE(ring.read(*group, next, out, 1 << 20));
  EXPECT_EQ(out, frames(ring.begin(), 200, 1, 0));
  add(ring, 5'000);
  EXPECT_EQ(ring.begin(), 200U) << "the newest chunk stays whatever its size";
}

TEST_F(LiveRingTest, AGroupThatComesWhileEntriesAreComparedDoesNotReachThem) {
  LiveRing ring(0, 1 << 20);
  const auto early = ring.join({});
  auto prepared = prepare(ring, 10);
  const auto late = ring.join(filter("actor:a1"));
  EXPECT_TRUE(ring.reaches(*late, 0));
  ring.add(std::move(prepared));
  EXPECT_TRUE(ring.reaches(*early, 0));
  EXPECT_FALSE(ring.reaches(*late, 0)) << "it was not compared with them";
  EXPECT_TRUE(ring.reaches(*late, 10));
  add(ring, 5);
  std::string out;
  std::uint64_t next = 10;
  EXPECT_TRUE(ring.read(*late, next, out, 1 << 20));
  EXPECT_EQ(out, frames(10, 15, 3, 1));
}

TEST_F(LiveRingTest, AGroupEndsWithItsLastStream) {
  LiveRing ring(0, 1 << 20);
  const auto one = ring.join({});
  const auto two = ring.join({});
  ring.leave(one);
  EXPECT_EQ(ring.groups().size(), 1U);
  ring.leave(two);
  EXPECT_TRUE(ring.groups().empty());
  add(ring, 3);
  EXPECT_EQ(ring.end(), 3U);
  const auto again = ring.join({});
  EXPECT_FALSE(ring.reaches(*again, 0)) << "nothing was written out for nobody";
  EXPECT_TRUE(ring.reaches(*again, 3));
}

}  // namespace
}  // namespace tally::server
