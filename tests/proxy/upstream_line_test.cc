// SPDX-License-Identifier: Apache-2.0
#include "proxy/upstream_line.h"

#include "net/loop_fixture.h"

#include <string>
#include <thread>

namespace tally::proxy {
namespace {

class UpstreamLineTest : public net::test::LoopFixture {
 protected:
  struct Guest final : UpstreamLine::Waiter {
    Guest(UpstreamLineTest& test, char letter) : test_(test), name(letter) {}
    void on_turn() override { test_.order_ += name; }
    UpstreamLineTest& test_;
    const char name;
  };
  /// Whether it got a place at once.
  bool enter(Guest& guest) { return line_.enter(guest, loop_); }

  UpstreamLine line_{1};
  std::string order_;
  Guest a_{*this, 'a'}, b_{*this, 'b'}, c_{*this, 'c'};
};

TEST_F(UpstreamLineTest, PlacesGoToThoseWhoWaitInTheirOrder) {
  EXPECT_EQ(line_.in_use(), 0U);
  ASSERT_TRUE(enter(a_));
  EXPECT_FALSE(enter(b_));
  EXPECT_FALSE(enter(c_));
  EXPECT_EQ(line_.waiting(), 2U);
  EXPECT_EQ(line_.in_use(), 1U);
  line_.leave();
  EXPECT_EQ(line_.in_use(), 1U) << "promised to the next";
  EXPECT_EQ(order_, "") << "told inside the call of another";
  run_until([&] { return order_ == "b"; });
  line_.leave();
  run_until([&] { return order_ == "bc"; });
  line_.leave();
  EXPECT_TRUE(enter(a_)) << "the place was lost";
}

TEST_F(UpstreamLineTest, MorePlacesAreForThoseWhoWait) {
  ASSERT_TRUE(enter(a_));
  EXPECT_FALSE(enter(b_));
  EXPECT_FALSE(enter(c_));
  line_.resize(2);
  EXPECT_EQ(line_.waiting(), 1U);
  run_until([&] { return order_ == "b"; });
  line_.resize(4);
  run_until([&] { return order_ == "bc"; });
  EXPECT_EQ(line_.in_use(), 3U);
  EXPECT_TRUE(enter(a_));
  EXPECT_FALSE(enter(b_));
}

TEST_F(UpstreamLineTest, FewerPlacesTakeNobodyHisOwn) {
  line_.resize(3);
  ASSERT_TRUE(enter(a_));
  ASSERT_TRUE(enter(b_));
  ASSERT_TRUE(enter(c_));
  line_.resize(1);
  EXPECT_EQ(line_.in_use(), 3U);
  Guest d(*this, 'd');
  EXPECT_FALSE(enter(d));
  line_.leave();
  line_.leave();
  EXPECT_EQ(line_.waiting(), 1U) << "there is one place, and it is taken";
  line_.leave();
  run_until([&] { return order_ == "d"; });
  EXPECT_EQ(line_.in_use(), 1U);
}

TEST_F(UpstreamLineTest, WhoLeavesTheLineIsNotTold) {
  ASSERT_TRUE(enter(a_));
  EXPECT_FALSE(enter(b_));
  EXPECT_FALSE(enter(c_));
  line_.forget(b_);
  line_.leave();
  run_until([&] { return order_ == "c"; });
}

TEST_F(UpstreamLineTest, WhoLeavesWhenCalledPassesThePlaceOn) {
  ASSERT_TRUE(enter(a_));
  EXPECT_FALSE(enter(b_));
  EXPECT_FALSE(enter(c_));
  line_.leave();
  line_.forget(b_);  // it was called, and does not know yet
  run_until([&] { return order_ == "c"; });
  EXPECT_FALSE(enter(b_)) << "there is one place, and c has it";
}

TEST_F(UpstreamLineTest, EachIsToldOnItsOwnLoop) {
  net::Loop other;
  std::thread::id told_on;
  struct Far final : UpstreamLine::Waiter {
    void on_turn() override { told(); }
    std::function<void()> told;
  } far;
  far.told = [&] {
    told_on = std::this_thread::get_id();
    other.stop();
  };
  ASSERT_TRUE(enter(a_));
  EXPECT_FALSE(line_.enter(far, other));
  line_.leave();
  std::thread thread([&] { other.run(); });
  const auto expected = thread.get_id();
  thread.join();
  EXPECT_EQ(told_on, expected);
  line_.leave();
  EXPECT_TRUE(enter(b_));
}

TEST_F(UpstreamLineTest, LoopsNeverHaveMorePlacesThanThereAre) {
  constexpr int kTimes = 2'000;
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  /// Enters again and again, each time from its own loop.
  struct Visitor final : UpstreamLine::Waiter {
    void on_turn() override {
      const int now = ++*inside;
      for (int seen = *most; now > seen && !most->compare_exchange_weak(seen, now);) {
      }
      loop.post([this] {
        --*inside;
        line->leave();
        if (--left == 0) {
          loop.stop();
        } else {
          visit();
        }
      });
    }
    void visit() {
      if (line->enter(*this, loop)) on_turn();
    }
    net::Loop loop;
    UpstreamLine* line = nullptr;
    std::atomic<int>*inside = nullptr, *most = nullptr;
    int left = kTimes;
  };
  UpstreamLine two(2);
  std::array<Visitor, 4> visitors;
  std::vector<std::thread> threads;
  for (Visitor& each : visitors) {
    each.line = &two;
    each.inside = &inside;
    each.most = &most;
    each.loop.post([&each] { each.visit(); });
    threads.emplace_back([&each] { each.loop.run(); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 2);
  EXPECT_EQ(inside, 0);
  EXPECT_EQ(two.waiting(), 0U);
}

}  // namespace
}  // namespace tally::proxy
