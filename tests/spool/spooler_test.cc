// SPDX-License-Identifier: Apache-2.0
#include "spool/spooler.h"

#include "event/catalog.h"
#include "event/codec.h"
#include "log/create.h"
#include "log/reader.h"
#include "storage/simulated_file_system.h"

#include <gtest/gtest.h>

#include <vector>

namespace tally::spool {
namespace {

class SpoolerTest : public ::testing::Test {
 protected:
  SpoolerTest() {
    const auto environment = [](const std::string& name) {
      return name == "HOME" ? std::optional<std::string>("/home-of-test") : std::nullopt;
    };
    auto opened = log::open_or_create(disk_, "/log", {}, false, environment, system_random());
    EXPECT_TRUE(opened) << opened.error().detail;
    keys_ = std::make_shared<const log::Keys>(std::move(opened->keys));
    auto writer = log::Writer::open(disk_, "/log", keys_, system_clock());
    EXPECT_TRUE(writer) << writer.error().detail;
    writer_ = std::move(*writer);
  }
  std::unique_ptr<Spooler> spooler(const std::string& instance = "i1") {
    auto spooler = Spooler::open(other_disk_, "/spool", {kMiB, "log", instance}, {disk_, "/log"},
                                 system_clock());
    EXPECT_TRUE(spooler) << spooler.error().detail;
    return spooler ? std::move(*spooler) : nullptr;
  }
  std::string object() {
    event::Event out;
    event::apply(*event::find_event("mcp-ping"), out);
    out.timestamp = *parse_time("2026-11-21T19:00:00Z");
    out.event_id = uuids_.next();
    ids_.push_back(out.event_id);
    return event::encode(out);
  }
  std::vector<event::Event> committed() {
    std::vector<event::Event> out;
    auto reader = log::Reader::open(disk_, "/log");
    const auto head = reader->head();
    EXPECT_TRUE(reader->scan(*head, LeafIndex{0}, [&](LeafIndex, std::string_view line) {
      out.push_back(event::decode(line)->event);
      return true;
    }));
    return out;
  }

  std::uint64_t committed_count() {
    auto reader = log::Reader::open(disk_, "/log");
    return reader->head()->size.value();
  }

  storage::SimulatedFileSystem disk_;
  storage::SimulatedFileSystem other_disk_;
  std::shared_ptr<const log::Keys> keys_;
  std::unique_ptr<log::Writer> writer_;
  UuidSource uuids_{system_clock(), system_random()};
  std::vector<std::string> ids_;
};

TEST_F(SpoolerTest, WhatWasKeptFollowsWithTheTimeOfRecording) {
  auto spooler = this->spooler();
  spooler->start(*writer_);
  for (int i = 0; i < 600; ++i) ASSERT_TRUE(spooler->keep(object()));
  EXPECT_FALSE(spooler->empty());
  spooler->replay_soon();
  spooler->stop();
  const auto events = committed();
  ASSERT_EQ(events.size(), ids_.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].event_id, ids_[i]);
    EXPECT_EQ(events[i].timestamp, *parse_time("2026-11-21T19:00:00Z"));
    ASSERT_TRUE(events[i].recorded_at);
    EXPECT_GT(*events[i].recorded_at, events[i].timestamp);
  }
  EXPECT_TRUE(spooler->empty());
  EXPECT_TRUE(other_disk_.paths().empty());
}

TEST_F(SpoolerTest, NothingIsReplayedUnlessAskedFor) {
  {
    auto first = spooler("i1");
    first->start(*writer_);
    ASSERT_TRUE(first->keep(object()));
  }
  EXPECT_TRUE(committed().empty());
  // Stopping synced it: it survives a power cut.
  const auto restarted = other_disk_.after_power_cut(0);
  auto spool = Spool::open(*restarted, "/spool", {kMiB, "log", "i2"});
  ASSERT_TRUE(spool);
  std::size_t seen = 0;
  ASSERT_TRUE((*spool)->visit([&](std::string_view) { ++seen; }));
  EXPECT_EQ(seen, 1U);
}

TEST_F(SpoolerTest, ALogThatFailsAgainLosesNothing) {
  auto spooler = this->spooler();
  spooler->start(*writer_);
  ASSERT_TRUE(spooler->keep(object()));
  disk_.set_capacity(disk_.total_bytes());
  spooler->replay_soon();
  spooler->stop();
  EXPECT_FALSE(spooler->empty());
  disk_.set_capacity(std::uint64_t{1} << 30);
  auto next = this->spooler("i2");
  spooler.reset();  // its lock ends with it
  next->start(*writer_);
  next->replay_soon();
  next->stop();
  EXPECT_EQ(committed().size(), 1U);
}

/// A process that dies between the commit of a batch and the next note leaves both: the entries in
/// the log and the file that still has them.
TEST_F(SpoolerTest, WhatAnInterruptedReplayHadWrittenIsNotWrittenAgain) {
  auto first = spooler("i1");
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(first->keep(object()));
  const auto no_event = log::EntryText::from_object("{\"a\":1}");
  ASSERT_TRUE(no_event);
  ASSERT_TRUE(first->keep(no_event->object()));
  first->start(*writer_);
  // Of the first batch everything is durable in the log, its second note is not in the spool.
  other_disk_.fail_at(other_disk_.steps() + 2, storage::FaultKind::io_error);
  first->replay_soon();
  first->stop();
  const std::size_t written = committed_count();
  ASSERT_GE(written, kSpoolBatchRecords);
  ASSERT_FALSE(first->empty());
  first.reset();
  auto next = spooler("i2");
  next->start(*writer_);
  next->replay_soon();
  next->stop();
  EXPECT_TRUE(next->empty());
  EXPECT_EQ(committed_count(), 301U);
}

TEST_F(SpoolerTest, NoDirectoryIsNoSpoolAndABadOneIsNamed) {
  EXPECT_EQ(*Spooler::open(other_disk_, "", {kMiB, "log", "i1"}, {disk_, "/log"}, system_clock()),
            nullptr);
  other_disk_.put("/file", "");
  const auto refused =
      Spooler::open(other_disk_, "/file", {kMiB, "log", "i1"}, {disk_, "/log"}, system_clock());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail.find("the spool: "), 0U) << refused.error().detail;
}

TEST_F(SpoolerTest, AFullSpoolSaysSo) {
  other_disk_.set_capacity(10);
  auto spooler = this->spooler();
  spooler->start(*writer_);
  EXPECT_FALSE(spooler->keep(object()));
  EXPECT_TRUE(spooler->empty());
}

TEST_F(SpoolerTest, WhatIsKeptAfterTheThreadEndedIsSyncedByTheNextStop) {
  auto spooler = this->spooler();
  spooler->start(*writer_);
  spooler->stop();
  ASSERT_TRUE(spooler->keep(object()));
  spooler->stop();
  const auto restarted = other_disk_.after_power_cut(0);
  EXPECT_EQ(restarted->paths().size(), 1U);
}

}  // namespace
}  // namespace tally::spool
