// SPDX-License-Identifier: Apache-2.0
#include "server/mailbox.h"

#include <gtest/gtest.h>

#include <thread>

namespace tally::server {
namespace {

TEST(Mailbox, LettersOfOneSenderArriveInOrderOnTheLoop) {
  net::Loop loop;
  std::vector<std::uint64_t> got;
  std::thread::id where;
  Mailbox mailbox(loop, [&](Mailbox::Letter letter) {
    where = std::this_thread::get_id();
    got.push_back(letter.exchange);
    if (got.size() == 300) loop.stop();
  });
  std::vector<std::thread> senders;
  for (std::uint64_t s = 0; s < 3; ++s) {
    senders.emplace_back([&mailbox, s] {
      for (std::uint64_t i = 0; i < 100; ++i) mailbox.post({1, s * 1'000 + i, Mailbox::Wake{}});
    });
  }
  loop.run();
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(where, std::this_thread::get_id());
  ASSERT_EQ(got.size(), 300U);
  for (std::uint64_t s = 0; s < 3; ++s) {
    std::uint64_t next = s * 1'000;
    for (const std::uint64_t each : got) {
      if (each / 1'000 != s) continue;
      EXPECT_EQ(each, next++);
    }
  }
}

TEST(Mailbox, NothingIsDeliveredOnceItIsClosed) {
  net::Loop loop;
  int got = 0;
  Mailbox mailbox(loop, [&](const Mailbox::Letter&) { ++got; });
  mailbox.post({1, 1, Mailbox::Wake{}});
  mailbox.close();
  mailbox.post({1, 2, Answer{}});
  loop.post([&] { loop.stop(); });
  loop.run();
  EXPECT_EQ(got, 0);
}

}  // namespace
}  // namespace tally::server
