// SPDX-License-Identifier: Apache-2.0
#include "proxy/journal.h"

#include "capture/log_fixture.h"
#include "log/layout.h"
#include "log/lock_file.h"

#include <algorithm>
#include <thread>
#include <vector>

namespace tally::proxy {
namespace {

class JournalTest : public capture::test::LogFixture {
 protected:
  struct Waiter final : DurableHandler {
    explicit Waiter(JournalTest& test) : test_(test) {}
    void on_durable(bool durable) override {
      told.push_back(durable);
      if (++test_.told_ == test_.expected_) test_.loop_.stop();
    }
    std::vector<bool> told;
    JournalTest& test_;
  };
  void run_until_told(int count) {
    expected_ = told_ + count;
    loop_.run();
  }
  net::Loop loop_;
  Backlog backlog_{log_};
  int told_ = 0;
  int expected_ = 0;
};

TEST_F(JournalTest, WhatIsToldDurableIsInTheLogWithAllBeforeIt) {
  Journal journal(backlog_, loop_);
  Waiter waiter(*this);
  journal.write({sample("mcp-ping"), sample("mcp-initialize")});
  static_cast<void>(
      journal.write_durable({sample("mcp-tool-execution")}, std::chrono::seconds(5), waiter));
  EXPECT_TRUE(waiter.told.empty());
  run_until_told(1);
  EXPECT_EQ(waiter.told, std::vector<bool>{true});
  const auto events = committed();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].event_name, "mcp-ping");
  EXPECT_EQ(events[2].event_name, "mcp-tool-execution");
  EXPECT_EQ(backlog_.counters().records, 3U);
  EXPECT_EQ(backlog_.counters().refused, 0U);
}

TEST_F(JournalTest, ManyWaitForFewCommits) {
  Journal journal(backlog_, loop_);
  Waiter waiter(*this);
  for (int i = 0; i < 500; ++i) {
    static_cast<void>(journal.write_durable({sample()}, std::chrono::seconds(5), waiter));
  }
  run_until_told(500);
  EXPECT_EQ(waiter.told, std::vector<bool>(500, true));
  EXPECT_EQ(committed().size(), 500U);
}

TEST_F(JournalTest, PlacesOfThoseThatWereToldAreUsedAgain) {
  Journal journal(backlog_, loop_);
  Waiter waiter(*this);
  std::vector<std::uint64_t> numbers;
  for (int i = 0; i < 20; ++i) {
    for (int j = 0; j < 7; ++j) {
      numbers.push_back(journal.write_durable({sample()}, std::chrono::seconds(5), waiter));
    }
    for (const std::uint64_t number : numbers) EXPECT_NE(number, 0U);
    // Those of others before have nobody left to forget.
    for (std::size_t old = 0; old + 7 < numbers.size(); ++old) journal.forget(numbers[old]);
    run_until_told(7);
  }
  EXPECT_EQ(waiter.told, std::vector<bool>(140, true));
  EXPECT_EQ(journal.places(), 7U);
  std::sort(numbers.begin(), numbers.end());
  EXPECT_EQ(std::adjacent_find(numbers.begin(), numbers.end()), numbers.end());
}

TEST_F(JournalTest, WhatWaitsTooLongBehindAGapIsGivenUp) {
  Journal journal(backlog_, loop_);
  Waiter waiter(*this);
  auto other = log::LockFile::open(fs_, log::Layout("/log"));
  ASSERT_TRUE(other);
  ASSERT_TRUE(other->lock_commit());
  log_.count_missing(std::vector{sample()});  // so it goes through the backlog
  static_cast<void>(journal.write_durable({sample()}, std::chrono::milliseconds(30), waiter));
  run_until_told(1);
  EXPECT_EQ(waiter.told, std::vector<bool>{false});
  other->unlock_commit();
}

TEST_F(JournalTest, StoppingTakesBackWhatWaitsTooLong) {
  Waiter waiter(*this);
  auto other = log::LockFile::open(fs_, log::Layout("/log"));
  ASSERT_TRUE(other);
  ASSERT_TRUE(other->lock_commit());
  {
    Journal journal(backlog_, loop_);
    static_cast<void>(journal.write_durable({sample()}, std::chrono::milliseconds(30), waiter));
    journal.stop();
  }
  EXPECT_EQ(log_.missing(), 1U);
  other->unlock_commit();
}

TEST_F(JournalTest, WhatCannotBeWrittenIsToldAndCounted) {
  Journal journal(backlog_, loop_);
  Waiter waiter(*this);
  fs_.set_capacity(fs_.total_bytes());
  static_cast<void>(journal.write_durable({sample()}, std::chrono::seconds(5), waiter));
  run_until_told(1);
  EXPECT_EQ(waiter.told, std::vector<bool>{false});
  EXPECT_EQ(log_.missing(), 1U);
  EXPECT_EQ(backlog_.counters().refused, 1U);
}

TEST_F(JournalTest, WhatWaitsTooLongIsTakenBackForGood) {
  Journal journal(backlog_, loop_);
  Waiter waiter(*this);
  {
    auto other = log::LockFile::open(fs_, log::Layout("/log"));
    ASSERT_TRUE(other);
    ASSERT_TRUE(other->lock_commit());
    static_cast<void>(journal.write_durable({sample()}, std::chrono::milliseconds(30), waiter));
    static_cast<void>(journal.write_durable({sample()}, std::chrono::milliseconds(1), waiter));
    run_until_told(2);
    EXPECT_EQ(waiter.told, (std::vector<bool>{false, false}));
    EXPECT_EQ(log_.missing(), 2U);
    other->unlock_commit();
  }
  static_cast<void>(journal.write_durable({sample()}, std::chrono::seconds(5), waiter));
  run_until_told(1);
  EXPECT_TRUE(waiter.told.back());
  const auto events = committed();
  ASSERT_EQ(events.size(), 2U) << "what was taken back came in after all";
  EXPECT_EQ(events[0].event_name, "audit-gap");
}

TEST_F(JournalTest, AfterTroubleTheOrderIsKept) {
  Journal journal(backlog_, loop_);
  Waiter waiter(*this);
  log_.count_missing(
      std::vector{sample()});  // the gap comes first, and somebody has to wait for it
  journal.write({sample("mcp-ping")});
  for (int i = 0; i < 50; ++i) journal.write({sample("mcp-initialize")});
  static_cast<void>(
      journal.write_durable({sample("mcp-tool-execution")}, std::chrono::seconds(5), waiter));
  run_until_told(1);
  EXPECT_TRUE(waiter.told.back());
  const auto events = committed();
  ASSERT_EQ(events.size(), 53U);
  EXPECT_EQ(events[0].event_name, "audit-gap");
  EXPECT_EQ(events[1].event_name, "mcp-ping");
  EXPECT_EQ(events[52].event_name, "mcp-tool-execution");
}

TEST_F(JournalTest, AGapIsToldThoughNoOtherRecordComes) {
  Journal journal(backlog_, loop_);
  log_.count_missing(std::vector{sample()});
  while (log_.missing() != 0) std::this_thread::yield();  // ctest bounds it
  journal.stop();
  const auto events = committed();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].event_name, "audit-gap");
}

TEST_F(JournalTest, AForgottenWaiterIsNotTold) {
  Journal journal(backlog_, loop_);
  Waiter forgotten(*this);
  Waiter other(*this);
  journal.forget(journal.write_durable({sample()}, std::chrono::seconds(5), forgotten));
  static_cast<void>(journal.write_durable({sample()}, std::chrono::seconds(5), other));
  run_until_told(1);
  EXPECT_TRUE(forgotten.told.empty());
  EXPECT_EQ(committed().size(), 2U);
}

TEST_F(JournalTest, StoppingHandsOverEverything) {
  {
    Journal journal(backlog_, loop_);
    for (int i = 0; i < 100; ++i) journal.write({sample()});
    journal.stop();
  }
  EXPECT_TRUE(log_.close());
  EXPECT_EQ(committed().size(), 100U);
}

TEST_F(JournalTest, SwitchedOffNothingIsWrittenAndNobodyWaits) {
  Backlog off(log_, false);
  Journal journal(off, loop_);
  Waiter waiter(*this);
  journal.write({sample()});
  static_cast<void>(journal.write_durable({sample()}, std::chrono::seconds(5), waiter));
  run_until_told(1);
  EXPECT_EQ(waiter.told, std::vector<bool>{true});
  journal.stop();
  EXPECT_TRUE(log_.close());
  EXPECT_TRUE(committed().empty());
}

}  // namespace
}  // namespace tally::proxy
