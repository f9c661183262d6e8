// SPDX-License-Identifier: Apache-2.0
#include "net/signals.h"

#include "net/loop_fixture.h"

#include <unistd.h>

namespace tally::net {
namespace {

using SignalsTest = test::LoopFixture;

volatile std::sig_atomic_t before = 0;

TEST_F(SignalsTest, WhatStoodBeforeStandsAgain) {
  struct sigaction mine {};
  mine.sa_handler = [](int) { before = before + 1; };
  ASSERT_EQ(::sigaction(SIGUSR1, &mine, nullptr), 0);
  for (int life = 1; life <= 2; ++life) {
    std::vector<int> seen;
    {
      const Signals signals(loop_, {SIGUSR1}, [&](int number) { seen.push_back(number); });
      ::kill(::getpid(), SIGUSR1);
      run_until([&] { return !seen.empty(); });
      EXPECT_EQ(seen, std::vector<int>{SIGUSR1});
      EXPECT_EQ(before, life - 1);
    }
    ::raise(SIGUSR1);
    EXPECT_EQ(before, life);
  }
  ::signal(SIGUSR1, SIG_DFL);
}

}  // namespace
}  // namespace tally::net
