// SPDX-License-Identifier: Apache-2.0
#include "cli/stop_signals.h"

#include <gtest/gtest.h>

#include <array>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tally::cli {
namespace {

using Wait = StopSignals::Wait;
using std::chrono::milliseconds;

/// Runs `body` in a process of its own, since what StopSignals changes lasts; it gives the status.
template <class Body>
int in_child(Body body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(StopSignals, ASignalIsAnEventAndIsRemembered) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    EXPECT_EQ(in_child([&] {
                auto signals = StopSignals::make();
                if (!signals || signals->stopped()) return 1;
                if (signals->wait(-1, milliseconds(0)) != Wait::time_over) return 2;
                ::raise(number);
                if (signals->wait(-1, std::nullopt) != Wait::stopped) return 3;
                if (signals->stopped() != number) return 4;
                if (signals->wait(-1, std::nullopt) != Wait::stopped) return 5;
                return signals->stopped() == number ? 0 : 6;
              }),
              0)
        << number;
  }
}

TEST(StopSignals, InputIsAnEventToo) {
  EXPECT_EQ(in_child([] {
              auto signals = StopSignals::make();
              std::array<int, 2> ends{};
              if (::pipe2(ends.data(), O_CLOEXEC) != 0) return 1;
              if (signals->wait(ends[0], milliseconds(1)) != Wait::time_over) return 2;
              if (::write(ends[1], "x", 1) != 1) return 3;
              if (signals->wait(ends[0], std::nullopt) != Wait::readable) return 4;
              ::raise(SIGTERM);  // comes first: stopping matters more than what is still there
              return signals->wait(ends[0], std::nullopt) == Wait::stopped ? 0 : 5;
            }),
            0);
}

TEST(StopSignals, TheEndOfInputIsReadable) {
  EXPECT_EQ(in_child([] {
              auto signals = StopSignals::make();
              std::array<int, 2> ends{};
              if (::pipe2(ends.data(), O_CLOEXEC) != 0) return 1;
              ::close(ends[1]);
              return signals->wait(ends[0], std::nullopt) == Wait::readable ? 0 : 2;
            }),
            0);
}

TEST(StopSignals, WhatWasIgnoredStaysIgnored) {
  EXPECT_EQ(in_child([] {
              ::signal(SIGHUP, SIG_IGN);  // nohup
              auto signals = StopSignals::make();
              ::raise(SIGHUP);
              return signals->stopped() ? 1 : 0;
            }),
            0);
}

TEST(StopSignals, BrokenPipesAndFileLimitsAreErrorsNotDeath) {
  EXPECT_EQ(in_child([] {
              auto signals = StopSignals::make();
              ::raise(SIGPIPE);
              ::raise(SIGXFSZ);
              return 0;
            }),
            0);
}

}  // namespace
}  // namespace tally::cli
