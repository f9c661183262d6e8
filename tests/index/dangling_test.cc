// SPDX-License-Identifier: Apache-2.0
#include "index/dangling.h"

#include "log/log_fixture.h"

#include <gtest/gtest.h>

#include <map>

namespace tally::index {
namespace {

using storage::Liveness;

class DanglingTest : public log::LogFixture {
 protected:
  void SetUp() override { writer_ = open(); }

  void add(const std::string& members) {
    const auto text = log::EntryText::from_object(R"({"timestamp":"2026-11-21T00:00:00.000000Z",)" +
                                                  members + "}");
    ASSERT_TRUE(text) << members;
    ASSERT_TRUE(writer_->append(*text));
  }
  void start(const std::string& instance, int pid, const std::string& name = "mcp-server-start") {
    add(R"("event_name":")" + name + R"(","status":"succeeded","instance":")" + instance +
        R"(","details":{"instance_process":{"pid":)" + std::to_string(pid) +
        R"(,"start_ticks":7,"boot_id":"b","pid_namespace":9,"host":"h"}})");
  }
  void exit(const std::string& instance, const std::string& name = "mcp-server-exit") {
    add(R"("event_name":")" + name + R"(","status":"succeeded","instance":")" + instance + '"');
  }
  void record(const std::string& status, const std::string& interaction,
              const std::string& instance, const std::string& name = "mcp-tool-execution") {
    add(R"("event_name":")" + name + R"(","status":")" + status + R"(","interaction_id":")" +
        interaction + R"(","instance":")" + instance + '"');
  }

  Dangling dangling() {
    auto reader = log::Reader::open(fs_, directory_);
    EXPECT_TRUE(reader);
    const auto head = reader->head();
    EXPECT_TRUE(head);
    return Dangling(std::move(*reader), *head, [this](const storage::ProcessIdentity& process) {
      ++asked_;
      if (process == storage::ProcessIdentity{}) return Liveness::unknown;
      EXPECT_EQ(process, (storage::ProcessIdentity{process.pid, 7, "b", 9, "h"}));
      return life_[process.pid];
    });
  }
  /// The numbers of the entries that dangle, asked from the newest to the oldest and back.
  std::vector<std::size_t> found() {
    const auto lines = read_all();
    std::vector<std::size_t> down;
    std::vector<std::size_t> up;
    Dangling one = dangling();
    for (std::size_t i = lines.size(); i-- > 0;) {
      if (one.dangles(LeafIndex(i), lines[i])) down.insert(down.begin(), i);
    }
    Dangling other = dangling();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (other.dangles(LeafIndex(i), lines[i])) up.push_back(i);
    }
    EXPECT_EQ(down, up);
    return down;
  }

  using Found = std::vector<std::size_t>;
  std::unique_ptr<log::Writer> writer_;
  std::map<std::int64_t, Liveness> life_{
      {1, Liveness::alive}, {2, Liveness::dead}, {3, Liveness::unknown}};
  int asked_ = 0;
};

TEST_F(DanglingTest, ARequestOfADeadInstanceWithoutAnOutcome) {
  start("dead", 2);
  record("initiated", "a", "dead");
  record("initiated", "b", "dead");
  record("succeeded", "a", "dead");
  record("initiated", "c", "dead");
  record("failed", "c", "dead");
  EXPECT_EQ(found(), (Found{2}));
}

TEST_F(DanglingTest, OfALiveOrUnknownInstanceItIsPending) {
  start("live", 1);
  record("initiated", "a", "live");
  start("elsewhere", 3);
  record("initiated", "b", "elsewhere");
  record("initiated", "c", "never-started");
  EXPECT_EQ(found(), Found{});
}

TEST_F(DanglingTest, AnInstanceThatSaidItsEndIsDeadWhateverItsNumberIsNow) {
  start("over", 1);
  record("initiated", "a", "over");
  exit("over");
  EXPECT_EQ(found(), (Found{1}));
  EXPECT_EQ(asked_, 0);
}

TEST_F(DanglingTest, AServiceThatWasKilledAndOneThatStopped) {
  start("killed", 2, "audit-service-start");
  record("initiated", "a", "killed", "http-request");
  start("stopped", 1, "audit-service-start");
  record("initiated", "b", "stopped");
  start("running", 1, "audit-service-start");
  record("initiated", "c", "running");
  exit("stopped", "audit-service-stop");
  EXPECT_EQ(found(), (Found{1, 3}));
}

TEST_F(DanglingTest, AServiceThatDoesNotSayWhichProcessItIs) {
  add(R"("event_name":"audit-service-start","instance":"old","details":{"version":"0"})");
  record("initiated", "a", "old");
  EXPECT_EQ(found(), Found{});
}

TEST_F(DanglingTest, AViolationIsNoOutcome) {
  start("dead", 2);
  record("initiated", "a", "dead");
  record("failed", "a", "dead", "mcp-protocol-violation");
  EXPECT_EQ(found(), (Found{1}));
}

TEST_F(DanglingTest, EachInstanceIsLookedForOnce) {
  start("dead", 2);
  start("live", 1);
  for (int i = 0; i < 50; ++i)
    record("initiated", "i" + std::to_string(i), i % 2 ? "dead" : "live");
  EXPECT_EQ(found().size(), 25U);
  EXPECT_EQ(asked_, 4) << "two instances, asked in both directions";
}

TEST_F(DanglingTest, WhatCameAfterTheHeadIsNotJudged) {
  start("dead", 2);
  Dangling before = dangling();
  record("initiated", "a", "dead");
  EXPECT_FALSE(before.dangles(LeafIndex(1), read_all()[1]));
  EXPECT_EQ(found(), (Found{1}));
}

TEST_F(DanglingTest, TextThatOnlyLooksLikeOneAndLinesThatAreNone) {
  start("dead", 2);
  add(R"("event_name":"x","status":"succeeded","details":{"a":"\"initiated\""})");
  record("initiated", "", "dead");
  EXPECT_EQ(found(), Found{});
  EXPECT_FALSE(dangling().dangles(LeafIndex(0), R"(not json "initiated")"));
}

TEST(AsDangling, AddsWhatTheReaderTakesItFor) {
  EXPECT_EQ(as_dangling(R"({"a":{"b":1}})"),
            R"({"a":{"b":1},"reader":{"event_result":"unknown","reason":"instance_gone"}})");
  EXPECT_EQ(as_dangling("{}"), R"({"reader":{"event_result":"unknown","reason":"instance_gone"}})");
}

}  // namespace
}  // namespace tally::index
