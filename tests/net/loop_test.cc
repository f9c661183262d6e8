// SPDX-License-Identifier: Apache-2.0
#include "net/loop.h"

#include "net/loop_fixture.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <ctime>
#include <thread>
#include <unistd.h>
#include <utility>

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

/// Processor time of the calling thread.
std::chrono::nanoseconds time_used() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

/// Two ends that answer each other on one loop, so that every wait is short. Stops the loop after
/// so many bytes, and then they are silent.
class PingPong {
 public:
  PingPong(Loop& loop, std::pair<int, int> ends, int bytes)
      : loop_(loop), one_(loop, ends.first), two_(loop, ends.second), left_(bytes) {
    answer(one_, of_one_);
    answer(two_, of_two_);
    send(one_);
  }

 private:
  static void send(Watch& end) { EXPECT_EQ(::write(end.descriptor(), "x", 1), 1); }
  void answer(Watch& end, test::Reactions& reactions) {
    reactions.readable = [this, &end] {
      char byte = 0;
      EXPECT_EQ(::read(end.descriptor(), &byte, 1), 1);
      if (--left_ == 0) return loop_.stop();
      end.want_read();
      send(end);
    };
    end.set_handler(&reactions);
    end.want_read();
  }

  Loop& loop_;
  Watch one_, two_;
  test::Reactions of_one_, of_two_;
  int left_;
};

/// Stops the loop in time.
class Alarm final : public net::DeadlineHandler {
 public:
  Alarm(Loop& loop, std::chrono::milliseconds from_now)
      : loop_(loop), deadline_(loop.deadlines(), *this) {
    deadline_.set(from_now);
  }

 private:
  void on_deadline() override { loop_.stop(); }
  Loop& loop_;
  Deadline deadline_;
};

TEST_F(LoopTest, SleepsWhenNothingComesAfterManyShortWaits) {
  PingPong pair(loop_, connected_pair(), 2'000);
  loop_.run();
  const Alarm alarm(loop_, std::chrono::milliseconds(500));
  const auto before = time_used();
  loop_.run();
  EXPECT_LT(time_used() - before, std::chrono::milliseconds(100));
}

TEST_F(LoopTest, PostsAndDeadlinesAreServedBetweenShortWaits) {
  PingPong pair(loop_, connected_pair(), 1'000'000'000);
  const Alarm alarm(loop_, std::chrono::milliseconds(60));
  std::atomic<bool> over = false;
  std::atomic<int> run = 0;
  std::thread other([&] {
    for (int i = 1; !over; ++i) {
      loop_.post([&] { ++run; });
      while (run.load() < i && !over) std::this_thread::yield();
    }
  });
  loop_.run();
  over = true;
  other.join();
  EXPECT_GT(run.load(), 0);
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
