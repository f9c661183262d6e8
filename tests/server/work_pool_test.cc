// SPDX-License-Identifier: Apache-2.0
#include "server/work_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>

namespace tally::server {
namespace {

TEST(WorkPool, RefusesNewWorkWhenTooMuchWaitsButNeverWhatGoesOn) {
  std::promise<void> begun, go, all;
  int done = 0;  // of the pool's only thread, until `all`
  const auto work = [&] {
    if (++done == 4) all.set_value();  // what goes on is done before what is new
  };
  WorkPool pool(1, 2);
  ASSERT_TRUE(pool.try_start([&] {
    begun.set_value();
    go.get_future().wait();
  }));
  begun.get_future().wait();
  EXPECT_TRUE(pool.try_start(work));
  EXPECT_TRUE(pool.try_start(work));
  EXPECT_FALSE(pool.try_start(work));
  pool.resume(work);
  EXPECT_EQ(pool.waiting(), 3U);
  pool.resume(work);
  go.set_value();
  all.get_future().wait();
  pool.stop();
  EXPECT_EQ(done, 4);
}

TEST(WorkPool, SlowReadsDoNotKeepEventsFromBeingWritten) {
  WorkPool pool(2, 8);
  std::promise<void> begun, go;
  ASSERT_TRUE(pool.try_start(WorkPool::Lane::read, [&] {
    begun.set_value();
    go.get_future().wait();
  }));
  begun.get_future().wait();
  std::atomic<int> reads{0};
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(pool.try_start(WorkPool::Lane::read, [&] { ++reads; }));
  }
  EXPECT_FALSE(pool.try_start(WorkPool::Lane::read, [] {}));
  std::promise<void> written, answered;
  ASSERT_TRUE(pool.try_start(WorkPool::Lane::write, [&] { written.set_value(); }));
  pool.resume(WorkPool::Lane::write, [&] { answered.set_value(); });
  written.get_future().wait();
  answered.get_future().wait();
  EXPECT_EQ(reads, 0) << "the other thread is not for reads";
  go.set_value();
  std::promise<void> last;
  pool.resume([&] { last.set_value(); });
  last.get_future().wait();
}

TEST(WorkPool, WhatGoesOnGoesFirstButNotForEver) {
  WorkPool pool(1, 8);
  std::promise<void> begun, go;
  ASSERT_TRUE(pool.try_start([&] {
    begun.set_value();
    go.get_future().wait();
  }));
  begun.get_future().wait();
  std::string order;
  std::promise<void> last;
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(pool.try_start([&] { order += 'n'; }));
  for (int i = 0; i < 9; ++i) pool.resume([&] { order += 'r'; });
  pool.resume([&] { last.set_value(); });
  go.set_value();
  last.get_future().wait();
  EXPECT_EQ(order, "rrrrnrrrrnr");
}

TEST(WorkPool, StoppedItDropsWhatWasNotBegun) {
  WorkPool pool(1, 8);
  std::promise<void> begun, go;
  bool other = false;
  ASSERT_TRUE(pool.try_start([&] {
    begun.set_value();
    go.get_future().wait();
  }));
  begun.get_future().wait();
  ASSERT_TRUE(pool.try_start([&] { other = true; }));
  std::thread stopper([&] { pool.stop(); });
  while (pool.waiting() != 0) std::this_thread::yield();
  go.set_value();
  stopper.join();
  EXPECT_FALSE(other);
  pool.resume([&] { other = true; });
  EXPECT_FALSE(other);
  EXPECT_GE(WorkPool::usual_threads(), 2U);
}

}  // namespace
}  // namespace tally::server
