// SPDX-License-Identifier: Apache-2.0
#include "net/round_end.h"

#include "net/loop.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace tally::net {
namespace {

class Wish final : RoundEndHandler {
 public:
  Wish(RoundEnds& ends, std::function<void()> call) : end(ends, *this), call_(std::move(call)) {}
  RoundEnd end;

 private:
  void on_round_end() override { call_(); }
  std::function<void()> call_;
};

TEST(RoundEndTest, TellsOnceInTheOrderOfAsking) {
  RoundEnds ends;
  std::string told;
  Wish a(ends, [&] { told += 'a'; });
  Wish b(ends, [&] { told += 'b'; });
  b.end.ask();
  a.end.ask();
  b.end.ask();
  EXPECT_TRUE(a.end.is_asked());
  ends.tell();
  EXPECT_EQ(told, "ba");
  EXPECT_FALSE(a.end.is_asked());
  EXPECT_TRUE(ends.empty());
  ends.tell();
  EXPECT_EQ(told, "ba");
}

TEST(RoundEndTest, TakesBackAWish) {
  RoundEnds ends;
  std::string told;
  Wish a(ends, [&] { told += 'a'; });
  auto b = std::make_unique<Wish>(ends, [&] { told += 'b'; });
  a.end.ask();
  b->end.ask();
  b.reset();
  a.end.clear();
  ends.tell();
  EXPECT_EQ(told, "");
  a.end.ask();
  ends.tell();
  EXPECT_EQ(told, "a");
}

TEST(RoundEndTest, WhoIsToldMayAskAndTakeBackForOthers) {
  RoundEnds ends;
  std::string told;
  Wish later(ends, [&] { told += 'l'; });
  Wish never(ends, [&] { told += 'n'; });
  int times = 0;
  Wish first(ends, [&] {
    never.end.clear();
    later.end.ask();
    if (++times < 3) first.end.ask();
  });
  first.end.ask();
  never.end.ask();
  ends.tell();
  EXPECT_EQ(told, "lll");
  EXPECT_EQ(times, 3);
  EXPECT_TRUE(ends.empty());
}

TEST(RoundEndTest, ALoopTellsAfterWhatWasPosted) {
  Loop loop;
  std::string told;
  Wish wish(loop.round_ends(), [&] {
    told += 'w';
    loop.stop();
  });
  loop.post([&] { wish.end.ask(); });
  loop.post([&] { told += 'p'; });
  loop.run();
  EXPECT_EQ(told, "pw");
}

}  // namespace
}  // namespace tally::net
