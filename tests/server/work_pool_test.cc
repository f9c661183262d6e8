// SPDX-License-Identifier: Apache-2.0
#include "server/work_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace tally::server {
namespace {

TEST(WorkPool, RefusesNewWorkWhenTooMuchWaitsButNeverWhatGoesOn) {
  WorkPool pool(1, 2);
  std::promise<void> begun, go;
  ASSERT_TRUE(pool.try_start([&] {
    begun.set_value();
    go.get_future().wait();
  }));
  begun.get_future().wait();
  std::atomic<int> done{0};
  EXPECT_TRUE(pool.try_start([&] { ++done; }));
  EXPECT_TRUE(pool.try_start([&] { ++done; }));
  EXPECT_FALSE(pool.try_start([&] { ++done; }));
  pool.resume([&] { ++done; });
  EXPECT_EQ(pool.waiting(), 3U);
  std::promise<void> last;
  pool.resume([&] { last.set_value(); });
  go.set_value();
  last.get_future().wait();
  EXPECT_EQ(done, 3);
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
