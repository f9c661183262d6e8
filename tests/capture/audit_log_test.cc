// SPDX-License-Identifier: Apache-2.0
#include "capture/audit_log.h"

#include "base/limits.h"
#include "capture/log_fixture.h"
#include "log/lock_file.h"

#include <future>
#include <set>
#include <thread>

namespace tally::capture {
namespace {

using AuditLogTest = test::LogFixture;

TEST_F(AuditLogTest, WhatWasQueuedIsCommittedBeforeWhatIsWaitedFor) {
  log_.enqueue({sample("mcp-ping"), sample("mcp-initialize")});
  EXPECT_TRUE(log_.append_durable({sample("mcp-tool-execution")}, std::chrono::seconds(5)));
  const auto events = committed();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].event_name, "mcp-ping");
  EXPECT_EQ(events[2].event_name, "mcp-tool-execution");
}

TEST_F(AuditLogTest, WritesEachEventAsItIsInTheMemoryOfEarlierOnes) {
  std::vector<log::EntryText> spent;
  std::vector<std::string> names;
  for (int i = 0; i < 200; ++i) {
    std::vector<event::Event> events;
    for (int j = 0; j <= i % 3; ++j) {
      // Longer and shorter ones in turn.
      names.push_back("git/" + std::string(static_cast<std::size_t>(i * 37 % 101), 'x') +
                      std::to_string(i * 3 + j));
      events.push_back(sample());
      events.back().target_id = names.back();
    }
    ASSERT_TRUE(log_.try_enqueue(events, spent));
    if (i % 20 != 0) continue;
    ASSERT_TRUE(log_.append_durable({sample("mcp-tool-execution")}, std::chrono::seconds(5)));
  }
  EXPECT_FALSE(spent.empty()) << "nothing was used again";
  EXPECT_TRUE(log_.close());
  std::vector<std::string> found;
  for (const event::Event& event : committed()) {
    if (event.event_name == "mcp-ping") found.push_back(event.target_id.value_or(""));
  }
  EXPECT_EQ(found, names);
}

TEST_F(AuditLogTest, AnEventOverTheLimitIsMadeToFitNotDropped) {
  event::Event large = sample();
  large.details = R"({"result":{"preview":")" + std::string(100'000, 'x') + "\"}}";
  EXPECT_TRUE(log_.append_durable({large}, std::chrono::seconds(5)));
  const auto events = committed();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_LT(event::encode(events[0]).size(), kEntryBytesMax);
}

TEST_F(AuditLogTest, QueuedRecordsThatAreLostComeBackAsAGap) {
  fs_.set_capacity(fs_.total_bytes());
  log_.enqueue({sample(), sample()});
  EXPECT_FALSE(log_.append_durable({sample("mcp-tool-execution")}, std::chrono::seconds(5)));
  fs_.set_capacity(std::uint64_t{1} << 30);
  EXPECT_TRUE(log_.append_durable({sample("mcp-tool-execution")}, std::chrono::seconds(5)));
  EXPECT_TRUE(log_.close());
  const auto events = committed();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].event_name, "audit-gap");
  EXPECT_NE(events[0].details.find("ping"), std::string::npos) << events[0].details;
  EXPECT_EQ(events[1].event_name, "mcp-tool-execution");
}

TEST_F(AuditLogTest, AGapIsToldWithoutFurtherRecords) {
  const auto lose_two = [this] {
    fs_.set_capacity(fs_.total_bytes());
    log_.enqueue({sample(), sample()});
    EXPECT_FALSE(log_.append_durable({sample()}, std::chrono::seconds(5)));
    EXPECT_EQ(log_.missing(), 2U);
    fs_.set_capacity(std::uint64_t{1} << 30);
  };
  lose_two();
  // A try may find the disk busy; the next one is due a second later.
  const MonoTime deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (log_.missing() > 0 && std::chrono::steady_clock::now() < deadline) log_.tell_of_gap();
  ASSERT_EQ(committed().size(), 1U);
  EXPECT_EQ(committed()[0].event_name, "audit-gap");
  lose_two();
  EXPECT_TRUE(log_.close()) << "at the end without waiting for the next try";
  ASSERT_EQ(committed().size(), 2U);
  EXPECT_NE(committed()[1].details.find(R"("count":2)"), std::string::npos);
}

TEST_F(AuditLogTest, WhatIsOnlyNotSignedIsNotSaidToBeUnwritten) {
  AuditLog log;
  log::WriterOptions options = log.writer_options();
  options.lock_wait = std::chrono::milliseconds(50);
  auto writer = log::Writer::open(fs_, "/log", keys_, system_clock(), std::move(options));
  ASSERT_TRUE(writer);
  log.start(std::move(*writer), [this](record::Gap& gap) { return gap_record_(gap); });
  ASSERT_TRUE(log.append_durable({sample()}, std::chrono::seconds(5)));
  auto other = log::LockFile::open(fs_, log::Layout("/log"));
  while (!*other->try_lock_publisher()) std::this_thread::yield();
  testing::internal::CaptureStderr();
  EXPECT_FALSE(log.close());
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("not all of the log is signed"), std::string::npos) << said;
  EXPECT_EQ(said.find("cannot be written"), std::string::npos) << said;
}

/// A log of its own, with a spool on another disk.
class SpooledAuditLogTest : public AuditLogTest {
 protected:
  std::unique_ptr<spool::Spooler> spooler(const std::string& instance) {
    auto spool = spool::Spool::open(other_disk_, "/spool", {kMiB, "log", instance});
    EXPECT_TRUE(spool);
    return std::make_unique<spool::Spooler>(std::move(*spool),
                                            spool::Spooler::LogPlace{fs_, "/log"}, system_clock());
  }
  void start(AuditLog& log, const std::string& instance) {
    auto writer = log::Writer::open(fs_, "/log", keys_, system_clock(), log.writer_options());
    ASSERT_TRUE(writer) << writer.error().detail;
    log.start(
        std::move(*writer),
        [this](record::Gap& gap) {
          return recorder_->gap_event(gap, mcp::moment_of(system_clock()));
        },
        spooler(instance));
  }
  storage::SimulatedFileSystem other_disk_;
};

TEST_F(SpooledAuditLogTest, WhatWasSpooledFollowsTheGap) {
  AuditLog log;
  start(log, "i1");
  fs_.set_capacity(fs_.total_bytes());
  log.enqueue({sample("mcp-ping"), sample("mcp-initialize")});
  EXPECT_FALSE(log.append_durable({sample("mcp-tool-execution")}, std::chrono::seconds(5)));
  fs_.set_capacity(std::uint64_t{1} << 30);
  EXPECT_TRUE(log.append_durable({sample("mcp-tool-execution")}, std::chrono::seconds(5)));
  EXPECT_TRUE(log.close());
  const auto events = committed();
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[0].event_name, "audit-gap");
  EXPECT_NE(events[0].details.find("\"spooled\":2"), std::string::npos) << events[0].details;
  std::set<std::string> replayed;
  for (const auto& event : events) {
    if (event.recorded_at) replayed.insert(event.event_name);
  }
  EXPECT_EQ(replayed, (std::set<std::string>{"mcp-ping", "mcp-initialize"}));
  EXPECT_TRUE(other_disk_.paths().empty());
}

TEST_F(SpooledAuditLogTest, WhatAnEarlierProcessSpooledFollowsTheGap) {
  {
    AuditLog log;
    start(log, "i1");
    fs_.set_capacity(fs_.total_bytes());
    log.enqueue({sample("mcp-ping")});
    EXPECT_FALSE(log.append_durable({sample("mcp-tool-execution")}, std::chrono::seconds(5)));
    EXPECT_FALSE(log.close());
  }
  fs_.set_capacity(std::uint64_t{1} << 30);
  AuditLog log;
  start(log, "i2");
  EXPECT_TRUE(log.close());
  const auto events = committed();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].event_name, "audit-gap");
  EXPECT_EQ(events[1].event_name, "mcp-ping");
  EXPECT_TRUE(events[1].recorded_at);
  EXPECT_TRUE(other_disk_.paths().empty());
}

TEST_F(AuditLogTest, ClosingSaysThatRecordsAreMissing) {
  log_.count_missing({sample()});
  fs_.set_capacity(fs_.total_bytes());
  EXPECT_FALSE(log_.close());
}

TEST_F(AuditLogTest, HandedOverNowAndWaitedForLater) {
  std::vector<event::Event> events;
  events.resize(2 * kCommitEntriesMax, sample());  // more than one commit
  std::promise<bool> told;
  const auto tickets = log_.submit(events, std::chrono::seconds(5),
                                   [&told](bool durable) { told.set_value(durable); });
  EXPECT_GT(tickets.size(), 1U);
  EXPECT_TRUE(told.get_future().get());
  EXPECT_EQ(committed().size(), 2 * kCommitEntriesMax);
  fs_.set_capacity(fs_.total_bytes());
  std::promise<bool> failed;
  static_cast<void>(log_.submit({sample()}, std::chrono::seconds(5),
                                [&failed](bool durable) { failed.set_value(durable); }));
  EXPECT_FALSE(failed.get_future().get());
  EXPECT_EQ(log_.missing(), 1U);
  EXPECT_FALSE(log_.finished());
}

TEST_F(AuditLogTest, WithoutWaitingAsLongAsNothingIsMissing) {
  std::vector<log::EntryText> spent;
  std::promise<bool> told;
  EXPECT_TRUE(log_.try_enqueue({sample(), sample()}, spent));
  ASSERT_TRUE(log_.try_submit({sample()}, [&told](bool durable) { told.set_value(durable); }));
  EXPECT_TRUE(told.get_future().get());
  EXPECT_EQ(committed().size(), 3U);
  EXPECT_FALSE(log_.try_enqueue(std::vector<event::Event>(kCommitEntriesMax + 1, sample()),
                                spent));  // not one commit

  log_.count_missing({sample()});
  const auto never = [](bool) { ADD_FAILURE() << "nothing was handed over"; };
  EXPECT_FALSE(log_.try_enqueue({sample()}, spent)) << "the gap comes first";
  EXPECT_FALSE(log_.try_submit({sample()}, never));
  log_.enqueue({sample()});
  EXPECT_TRUE(log_.try_enqueue({sample()}, spent));
  EXPECT_TRUE(log_.close());
  EXPECT_EQ(committed().size(), 6U);
}

TEST_F(AuditLogTest, APartThatCannotBeWrittenFailsTheWhole) {
  std::vector<event::Event> events(kCommitEntriesMax + 500, sample());
  fs_.fail_at(fs_.steps(), storage::FaultKind::failed_sync);
  std::promise<bool> told;
  static_cast<void>(log_.submit(events, std::chrono::seconds(5),
                                [&told](bool durable) { told.set_value(durable); }));
  EXPECT_FALSE(told.get_future().get());
  EXPECT_GT(log_.missing(), 0U);
}

TEST_F(AuditLogTest, AFailedSyncEndsWritingForGood) {
  fs_.fail_at(fs_.steps(), storage::FaultKind::failed_sync);
  EXPECT_FALSE(log_.append_durable({sample()}, std::chrono::seconds(5)));
  EXPECT_TRUE(log_.finished());
  EXPECT_FALSE(log_.append_durable({sample()}, std::chrono::seconds(5)));
  EXPECT_FALSE(log_.close());
}

TEST_F(AuditLogTest, WhatOthersHandedToTheSameWriterIsHeardOf) {
  EXPECT_EQ(log_.trouble(), "");
  log_.heard(fail(Errc::disk_full, "no space left"));
  EXPECT_NE(log_.trouble(), "");
  EXPECT_FALSE(log_.finished());
  log_.heard({});
  EXPECT_EQ(log_.trouble(), "");
  log_.heard(fail(Errc::sync_failed, "a device is gone"));
  EXPECT_TRUE(log_.finished());
  log_.heard({});
  EXPECT_EQ(log_.trouble(), "log failed") << "for good";
}

}  // namespace
}  // namespace tally::capture
