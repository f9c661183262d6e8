// SPDX-License-Identifier: Apache-2.0
#include "net/loop.h"

#include "net/loop_fixture.h"

#include <atomic>
#include <csignal>
#include <thread>
#include <unistd.h>

namespace tally::net {
namespace {

using LoopTest = test::LoopFixture;

TEST_F(LoopTest, RunsWhatOtherThreadsPost) {
  int calls = 0;
  std::thread other([&] {
    for (int i = 0; i < 1'000; ++i) loop_.post([&] { ++calls; });
  });
  run_until([&] { return calls == 1'000; });
  other.join();
}

TEST_F(LoopTest, IsWokenByEachThatIsPostedWhileItSleeps) {
  constexpr int kTimes = 2'000;
  std::atomic<int> run = 0;
  std::thread other([&] {
    for (int i = 1; i <= kTimes; ++i) {
      loop_.post([&run] { ++run; });
      while (run.load() < i) std::this_thread::yield();  // ctest bounds it
    }
    loop_.stop();
  });
  loop_.run();
  other.join();
  EXPECT_EQ(run.load(), kTimes);
}

TEST_F(LoopTest, RunsAgainAfterAStop) {
  loop_.stop();
  loop_.run();
  bool ran = false;
  loop_.post([&] { ran = true; });
  run_until([&] { return ran; });
}

TEST_F(LoopTest, AWatchTellsOnceForEachWish) {
  const auto [mine, theirs] = connected_pair();
  test::Reactions reactions;
  int readable = 0;
  reactions.readable = [&] { ++readable; };
  Watch watch(loop_, mine);
  watch.set_handler(&reactions);
  watch.want_read();
  watch.want_read();
  ASSERT_EQ(::write(theirs, "ab", 2), 2);
  run_until([&] { return readable == 1; });
  watch.want_read();  // still unread: told again
  run_until([&] { return readable == 2; });
  bool writable = false;
  reactions.writable = [&] { writable = true; };
  watch.want_write();
  run_until([&] { return writable; });
  EXPECT_EQ(readable, 2);
  ::close(theirs);
}

TEST_F(LoopTest, ADestroyedWatchIsSilentAndItsDescriptorClosed) {
  const auto [mine, theirs] = connected_pair();
  test::Reactions reactions;
  bool told = false;
  reactions.readable = [&] { told = true; };
  auto watch = std::make_unique<Watch>(loop_, mine);
  watch->set_handler(&reactions);
  watch->want_read();
  ASSERT_EQ(::write(theirs, "a", 1), 1);
  watch.reset();
  bool later = false;
  loop_.post([&] { later = true; });
  run_until([&] { return later; });
  EXPECT_FALSE(told);
  char byte = 0;
  EXPECT_LE(::read(theirs, &byte, 1), 0);
  ::close(theirs);
}

TEST_F(LoopTest, DeadlinesFire) {
  struct Handler final : net::DeadlineHandler {
    void on_deadline() override { fired = true; }
    bool fired = false;
  } handler;
  Deadline deadline(loop_.deadlines(), handler);
  const auto before = std::chrono::steady_clock::now();
  deadline.set(std::chrono::milliseconds(60));
  run_until([&] { return handler.fired; });
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(60));
}

TEST_F(LoopTest, SignalsAreToldInsteadOfKilling) {
  std::vector<int> seen;
  loop_.on_signals({SIGUSR1, SIGUSR2}, [&](int number) { seen.push_back(number); });
  ::kill(::getpid(), SIGUSR1);
  run_until([&] { return seen.size() == 1; });
  ::kill(::getpid(), SIGUSR2);
  run_until([&] { return seen.size() == 2; });
  EXPECT_EQ(seen, (std::vector<int>{SIGUSR1, SIGUSR2}));
}

}  // namespace
}  // namespace tally::net
