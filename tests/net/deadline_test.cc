// SPDX-License-Identifier: Apache-2.0
#include "net/deadline.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>
#include <vector>

namespace tally::net {
namespace {

class HandClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override { return WallTime{}; }
  [[nodiscard]] MonoTime mono() const override { return time; }
  MonoTime time{std::chrono::hours(1)};
};

class Wait final : DeadlineHandler {
 public:
  Wait(DeadlineWheel& wheel, std::function<void()> call)
      : deadline(wheel, *this), call_(std::move(call)) {}
  Deadline deadline;

 private:
  void on_deadline() override { call_(); }
  std::function<void()> call_;
};

class DeadlineTest : public ::testing::Test {
 protected:
  void pass(std::chrono::milliseconds time) {
    clock_.time += time;
    wheel_.advance();
  }
  HandClock clock_;
  DeadlineWheel wheel_{clock_};
};

TEST_F(DeadlineTest, FiresOnceAndNeverEarly) {
  int fired = 0;
  Wait wait(wheel_, [&] { ++fired; });
  wait.deadline.set(std::chrono::milliseconds(200));
  EXPECT_TRUE(wheel_.armed());
  pass(std::chrono::milliseconds(199));
  EXPECT_EQ(fired, 0);
  pass(std::chrono::milliseconds(101));
  EXPECT_EQ(fired, 1);
  EXPECT_FALSE(wheel_.armed());
  pass(std::chrono::hours(1));
  EXPECT_EQ(fired, 1);
}

TEST_F(DeadlineTest, SettingReplacesAndClearingForgets) {
  int fired = 0;
  Wait wait(wheel_, [&] { ++fired; });
  wait.deadline.set(std::chrono::milliseconds(100));
  wait.deadline.set(std::chrono::seconds(10));
  pass(std::chrono::seconds(5));
  EXPECT_EQ(fired, 0);
  wait.deadline.clear();
  EXPECT_FALSE(wait.deadline.is_set());
  pass(std::chrono::seconds(60));
  EXPECT_EQ(fired, 0);
}

TEST_F(DeadlineTest, LongerThanOneTurnOfTheWheel) {
  int fired = 0;
  Wait wait(wheel_, [&] { ++fired; });
  wait.deadline.set(std::chrono::seconds(60));
  for (int i = 0; i < 599; ++i) pass(std::chrono::milliseconds(100));
  EXPECT_EQ(fired, 0);
  pass(std::chrono::milliseconds(300));
  EXPECT_EQ(fired, 1);
}

TEST_F(DeadlineTest, AHandlerMayClearDestroyAndSetOthers) {
  int fired = 0;
  auto victim = std::make_unique<Wait>(wheel_, [&] { fired += 100; });
  Wait again(wheel_, [&] { ++fired; });
  Wait first(wheel_, [&] {
    victim.reset();
    again.deadline.set(std::chrono::milliseconds(50));
  });
  // The wheel fires the last one set first; either order must be right.
  victim->deadline.set(std::chrono::milliseconds(50));
  first.deadline.set(std::chrono::milliseconds(50));
  pass(std::chrono::milliseconds(150));
  pass(std::chrono::milliseconds(150));
  EXPECT_EQ(fired % 100, 1);
}

TEST_F(DeadlineTest, ThousandsFireInTheirTime) {
  std::mt19937 random(7);
  struct One {
    std::chrono::milliseconds due{};
    bool fired = false;
    std::unique_ptr<Wait> wait;
  };
  std::vector<One> all(5'000);
  for (One& one : all) {
    one.due = std::chrono::milliseconds(random() % 40'000);
    one.wait = std::make_unique<Wait>(wheel_, [&one] { one.fired = true; });
    one.wait->deadline.set(one.due);
  }
  std::chrono::milliseconds passed{0};
  while (passed < std::chrono::seconds(42)) {
    const std::chrono::milliseconds step(1 + random() % 700);
    passed += step;
    pass(step);
    for (const One& one : all) {
      const bool must = one.due + 2 * DeadlineWheel::kSlot <= passed;
      const bool may = one.due <= passed;
      EXPECT_TRUE(one.fired ? may : !must) << one.due.count() << " at " << passed.count();
    }
  }
  EXPECT_FALSE(wheel_.armed());
}

TEST_F(DeadlineTest, TheWheelSaysWhenItIsNeeded) {
  int woken = 0;
  wheel_.set_wake([](void* count) { ++*static_cast<int*>(count); }, &woken);
  Wait one(wheel_, [] {});
  Wait two(wheel_, [] {});
  one.deadline.set(std::chrono::seconds(1));
  two.deadline.set(std::chrono::seconds(1));
  EXPECT_EQ(woken, 1);
  pass(std::chrono::seconds(2));
  two.deadline.set(std::chrono::seconds(1));
  EXPECT_EQ(woken, 2);
}

}  // namespace
}  // namespace tally::net
