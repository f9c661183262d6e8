// SPDX-License-Identifier: Apache-2.0
#include "proxy/upstream_pool.h"

#include "base/limits.h"
#include "net/loop_fixture.h"

#include <unistd.h>

namespace tally::proxy {
namespace {

class UpstreamPoolTest : public net::test::LoopFixture {
 protected:
  /// Puts one end into the pool; the other one.
  int put(std::chrono::milliseconds idle = std::chrono::seconds(60)) {
    const auto [mine, theirs] = connected_pair();
    auto stream = net::make_tcp_stream(loop_, mine);
    EXPECT_EQ(read_now(*stream), "");  // as after a response
    pool_.put(std::move(stream), idle);
    return theirs;
  }
  /// Some rounds of the loop.
  void look() {
    int rounds = 0;
    run_until([&] { return ++rounds > 3; });
  }
  /// What `attempt` says in a run that nothing held up: what was used lately is not so for long.
  static bool soon(const std::function<bool()>& attempt) {
    for (;;) {  // ctest bounds it
      const MonoTime begin = std::chrono::steady_clock::now();
      const bool so = attempt();
      if (std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(300)) return so;
    }
  }
  Graveyard graveyard_{loop_};
  UpstreamPool pool_{loop_, graveyard_, kUpstreamIdleMax};
};

TEST_F(UpstreamPoolTest, TheLastOneUsedIsTakenFirst) {
  EXPECT_EQ(pool_.take(), nullptr);
  const int first = put();
  const int second = put();
  auto taken = pool_.take();
  ASSERT_NE(taken, nullptr);
  EXPECT_EQ(taken->write("x").bytes, 1U);
  char byte = 0;
  EXPECT_EQ(::read(second, &byte, 1), 1);
  EXPECT_EQ(pool_.size(), 1U);
  ::close(first);
  ::close(second);
}

TEST_F(UpstreamPoolTest, ClosedAndTalkingOnesAreDiscarded) {
  const int closed = put();
  const int talking = put();
  const int good = put();
  ::close(closed);
  ASSERT_EQ(::write(talking, "x", 1), 1);
  run_until([&] { return pool_.size() == 1; });
  EXPECT_NE(pool_.take(), nullptr);
  ::close(talking);
  ::close(good);
}

TEST_F(UpstreamPoolTest, EvenBeforeTheLoopHasSeenIt) {
  const int closed = put();
  ::close(closed);
  EXPECT_EQ(pool_.take(), nullptr);
  EXPECT_EQ(pool_.size(), 0U);
}

TEST_F(UpstreamPoolTest, WhatTheLoopFoundQuietIsNotAskedAbout) {
  EXPECT_TRUE(soon([this] {
    const int theirs = put();
    look();
    ::close(theirs);
    return pool_.take() != nullptr;  // it might as well have been closed a moment later
  }));
}

TEST_F(UpstreamPoolTest, AndIsTakenBeforeWhatCameBackJustNow) {
  EXPECT_TRUE(soon([this] {
    pool_.close_all();
    const int theirs = put();
    look();
    const int closed = put();
    ::close(closed);
    const auto taken = pool_.take();
    ::close(theirs);
    return taken != nullptr && pool_.size() == 1U;  // nobody has looked at the other one
  }));
  EXPECT_EQ(pool_.take(), nullptr);
}

TEST_F(UpstreamPoolTest, UnlessThatUpstreamClosesEarly) {
  EXPECT_TRUE(soon([this] {
    const int early = put();
    ::close(early);
    run_until([&] { return pool_.size() == 0; });
    const int theirs = put();
    look();
    ::close(theirs);
    return pool_.take() == nullptr;
  }));
}

TEST_F(UpstreamPoolTest, OrSomebodyFoundThatItDoes) {
  pool_.beware();
  const int theirs = put();
  look();
  ::close(theirs);
  EXPECT_EQ(pool_.take(), nullptr);
}

TEST_F(UpstreamPoolTest, NorIfItWasNotUsedLately) {
  const int theirs = put();
  net::Deadline later(loop_.deadlines(), *this);
  later.set(std::chrono::milliseconds(700));
  run_until([&] { return !later.is_set(); });
  ::close(theirs);
  EXPECT_EQ(pool_.take(), nullptr);
}

TEST_F(UpstreamPoolTest, TheirTimeEnds) {
  const int theirs = put(std::chrono::milliseconds(50));
  run_until([&] { return pool_.size() == 0; });
  char byte = 0;
  EXPECT_EQ(::read(theirs, &byte, 1), 0);
  const int never = put(std::chrono::milliseconds(0));
  EXPECT_EQ(pool_.size(), 0U);
  ::close(theirs);
  ::close(never);
}

TEST_F(UpstreamPoolTest, NoMoreThanTheLimit) {
  std::vector<int> others;
  for (std::size_t i = 0; i < kUpstreamIdleMax + 10; ++i) others.push_back(put());
  EXPECT_EQ(pool_.size(), kUpstreamIdleMax);
  pool_.close_all();
  EXPECT_EQ(pool_.size(), 0U);
  for (const int other : others) ::close(other);
}

}  // namespace
}  // namespace tally::proxy
