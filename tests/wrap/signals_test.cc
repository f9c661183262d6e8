// SPDX-License-Identifier: Apache-2.0
// Each case in a process of its own: masks and dispositions belong to the whole process.
#include "wrap/signals.h"

#include <gtest/gtest.h>

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace tally::wrap {
namespace {

template <class Body>
int status_of(Body body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool is_ignored(int number) {
  struct sigaction action {};
  ::sigaction(number, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

bool is_blocked(int number) {
  sigset_t mask;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return sigismember(&mask, number) == 1;
}

TEST(signals, arrive_as_events_with_their_sender) {
  EXPECT_EQ(status_of([] {
              SignalGate gate;
              if (gate.next()) return 1;
              for (const int number : kForwardedSignals) {
                ::kill(::getpid(), number);
                pollfd entry{gate.descriptor(), POLLIN, 0};
                if (::poll(&entry, 1, 20'000) != 1) return 2;
                const auto event = gate.next();
                if (!event || event->number != number) return 3;
                if (event->from_kernel || event->sender != ::getpid()) return 4;
              }
              return gate.next() ? 5 : 0;
            }),
            0);
}

TEST(signals, tell_a_child_that_ended) {
  EXPECT_EQ(status_of([] {
              SignalGate gate;
              const pid_t pid = ::fork();
              if (pid == 0) ::_exit(0);
              pollfd entry{gate.descriptor(), POLLIN, 0};
              if (::poll(&entry, 1, 20'000) != 1) return 1;
              return gate.next()->number == SIGCHLD ? 0 : 2;
            }),
            0);
}

TEST(signals, reach_no_thread_that_was_started_later) {
  EXPECT_EQ(status_of([] {
              SignalGate gate;
              bool blocked = true;
              std::thread([&] {
                for (const int number : kForwardedSignals) blocked = blocked && is_blocked(number);
              }).join();
              return blocked && is_ignored(SIGPIPE) && !is_ignored(SIGCHLD) ? 0 : 1;
            }),
            0);
}

TEST(signals, ignored_ones_stay_ignored_and_are_not_taken) {
  EXPECT_EQ(status_of([] {
              ::signal(SIGHUP, SIG_IGN);
              SignalGate gate;
              ::kill(::getpid(), SIGHUP);
              return is_ignored(SIGHUP) && !is_blocked(SIGHUP) && !gate.next() ? 0 : 1;
            }),
            0);
}

TEST(signals, everything_is_as_before_for_the_child_and_at_the_end) {
  EXPECT_EQ(status_of([] {
              ::signal(SIGPIPE, SIG_DFL);
              ::signal(SIGCHLD, SIG_IGN);
              sigset_t usr1;
              sigemptyset(&usr1);
              sigaddset(&usr1, SIGUSR1);
              ::pthread_sigmask(SIG_SETMASK, &usr1, nullptr);
              const auto as_before = [] {
                return !is_ignored(SIGPIPE) && is_ignored(SIGCHLD) && is_blocked(SIGUSR1) &&
                       !is_blocked(SIGTERM) && !is_blocked(SIGCHLD);
              };
              {
                SignalGate gate;
                if (as_before()) return 1;
                const pid_t pid = ::fork();
                if (pid == 0) {
                  gate.restore_in_child();
                  ::_exit(as_before() ? 0 : 1);
                }
                int status = 0;
                ::waitpid(pid, &status, 0);
                if (status != 0) return 2;
                ::kill(::getpid(), SIGTERM);
              }
              // The pending SIGTERM was ours: it went with the gate.
              return as_before() ? 0 : 3;
            }),
            0);
}

TEST(signals, the_gate_takes_no_standard_descriptor) {
  EXPECT_EQ(status_of([] {
              ::close(0);
              SignalGate gate;
              return gate.descriptor() > 2 ? 0 : 1;
            }),
            0);
}

}  // namespace
}  // namespace tally::wrap
