// SPDX-License-Identifier: Apache-2.0
#include "identity/key_source.h"

#include "identity/jwt_keys.h"

#include <gtest/gtest.h>

#include <thread>

namespace tally::identity {
namespace {

using std::chrono::hours;

TEST(KeySource, HasTheLatestKeys) {
  KeySource source;
  EXPECT_EQ(source.keys(), nullptr);
  EXPECT_EQ(source.generation(), 0U);
  const auto first = source_of(key_set_json({TestKey::p256().jwk("a")}))->keys();
  ASSERT_NE(first, nullptr);
  source.set(first);
  EXPECT_EQ(source.keys(), first);
  EXPECT_EQ(source.generation(), 1U);
}

TEST(KeySource, AskingEndsTheWait) {
  KeySource source;
  std::stop_source stop;
  std::jthread waits([&](const std::stop_token&) { source.wait(stop.get_token(), hours(1)); });
  source.ask();
  waits.join();
  // Asked before the wait began: it counts, once.
  source.ask();
  source.ask();
  source.wait(stop.get_token(), hours(1));
  source.wait(stop.get_token(), std::chrono::milliseconds(1));
}

TEST(KeySource, StoppingEndsBothWaits) {
  KeySource source;
  std::stop_source stop;
  std::jthread waits([&] { source.wait(stop.get_token(), hours(1)); });
  std::jthread pauses([&] { source.pause(stop.get_token(), hours(1)); });
  source.ask();  // ends one of them only
  waits.join();
  stop.request_stop();
  pauses.join();
  EXPECT_TRUE(stop.stop_requested());
}

}  // namespace
}  // namespace tally::identity
