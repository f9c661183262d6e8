// SPDX-License-Identifier: Apache-2.0
#include "proxy/upstream_pools.h"

#include "net/loop_fixture.h"

#include <unistd.h>

namespace tally::proxy {
namespace {

class UpstreamPoolsTest : public net::test::LoopFixture {
 protected:
  UpstreamPoolsTest() {
    pools_.add(one_, loop_);
    pools_.add(other_, loop_);
  }
  /// Puts one end into the pool; the other one.
  int put(UpstreamPool& pool) {
    const auto [mine, theirs] = connected_pair();
    pool.put(net::make_tcp_stream(loop_, mine), std::chrono::seconds(60));
    return theirs;
  }
  /// What was posted so far is done.
  void settle() {
    bool done = false;
    loop_.post([&] { done = true; });
    run_until([&] { return done; });
  }

  Graveyard graveyard_{loop_};
  UpstreamPool one_{loop_, graveyard_, 10};
  UpstreamPool other_{loop_, graveyard_, 10};
  UpstreamPools pools_{3};
};

TEST_F(UpstreamPoolsTest, OneTooManyMakesTheOldestOfTheLargestGo) {
  pools_.make_room(3);  // nothing is idle: nothing to close
  const int alone = put(one_);
  const int oldest = put(other_);
  const int newest = put(other_);
  pools_.make_room(0);  // three in all
  settle();
  EXPECT_EQ(one_.size() + other_.size(), 3U);
  pools_.make_room(1);
  EXPECT_EQ(other_.size(), 2U) << "closed outside its loop";
  settle();
  EXPECT_EQ(one_.size(), 1U);
  EXPECT_EQ(other_.size(), 1U);
  char byte = 0;
  EXPECT_EQ(::read(oldest, &byte, 1), 0);
  EXPECT_EQ(::read(newest, &byte, 1), -1) << "the one used last was closed";
  for (const int each : {alone, oldest, newest}) ::close(each);
}

TEST_F(UpstreamPoolsTest, WhatWasTakenMeanwhileIsNotMissed) {
  const int theirs = put(one_);
  pools_.make_room(3);
  const auto taken = one_.take();
  ASSERT_NE(taken, nullptr);
  settle();
  EXPECT_EQ(one_.size(), 0U);
  EXPECT_EQ(taken->write("x").bytes, 1U) << "in use, and was closed";
  ::close(theirs);
}

}  // namespace
}  // namespace tally::proxy
