// SPDX-License-Identifier: Apache-2.0
#include "wrap/relay_state.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace tally::wrap {
namespace {

TEST(relay_state, the_client_waits_for_what_was_sent_and_for_nothing_else) {
  SentFrames frames;
  frames.wait_shown();
  std::atomic<int> shown = 0;
  frames.begin();
  int seen = -1;
  std::thread client([&] {
    frames.wait_shown();
    seen = shown;
  });
  shown = 1;
  frames.end();
  client.join();
  EXPECT_EQ(seen, 1);
  frames.wait_shown();
}

TEST(relay_state, a_server_that_never_pauses_does_not_hold_the_client) {
  SentFrames frames;
  std::atomic<bool> done = false;
  std::thread server([&] {
    while (!done) {
      frames.begin();
      frames.end();
    }
  });
  for (int i = 0; i < 10'000; ++i) frames.wait_shown();
  done = true;
  server.join();
}

TEST(relay_state, only_one_direction_at_a_time_may_hold_a_large_line) {
  LargeLinePlace place;
  LineAllowance one(place);
  EXPECT_EQ(one.line_bytes_max(kLineBytesShared), kLineBytesShared);
  {
    LineAllowance two(place);
    EXPECT_EQ(one.line_bytes_max(kLineBytesShared + 1), kMessageBytesMax);
    EXPECT_EQ(one.line_bytes_max(10), kMessageBytesMax) << "kept until settled";
    EXPECT_EQ(two.line_bytes_max(kLineBytesShared + 1), kLineBytesShared);
    one.settle(kLineBytesShared + 1);
    EXPECT_EQ(two.line_bytes_max(kLineBytesShared + 1), kLineBytesShared);
    one.settle(kLineBytesShared);
    EXPECT_EQ(two.line_bytes_max(kLineBytesShared + 1), kMessageBytesMax);
    two.settle(kMessageBytesMax);
    EXPECT_EQ(one.line_bytes_max(kLineBytesShared + 1), kLineBytesShared);
  }
  EXPECT_EQ(one.line_bytes_max(kLineBytesShared + 1), kMessageBytesMax);
}

}  // namespace
}  // namespace tally::wrap
