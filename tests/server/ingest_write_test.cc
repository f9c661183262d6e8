// SPDX-License-Identifier: Apache-2.0
// Events of many at once, and a log that does not take them.
#include "base/limits.h"
#include "server/api_fixture.h"

#include <atomic>
#include <set>
#include <thread>

namespace tally::server {
namespace {

using access::Role;
using test::number_in;

class IngestWriteTest : public test::ApiFixture {
 protected:
  std::unique_ptr<storage::File> hold_log() {
    auto lock = storage::posix_file_system().open(config_.log.directory + "/lock",
                                                  storage::OpenMode::write);
    EXPECT_TRUE(lock);
    bool locked = false;
    while (!locked) locked = *(*lock)->try_lock(0, storage::LockMode::exclusive);
    return std::move(*lock);
  }
};

TEST_F(IngestWriteTest, ManyClientsEachFindEveryEventOnce) {
  start();
  const std::string writer = token(Role::writer);
  constexpr int kClients = 8, kEach = 40;
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int c = 0; c < kClients; ++c) {
    threads.emplace_back([&, c] {
      test::Wire wire = connect();
      for (int i = 0; i < kEach; ++i) {
        const std::string name = "c" + std::to_string(c) + "-" + std::to_string(i);
        EXPECT_TRUE(wire.send(
            request("POST", "/api/audit/events", writer, R"({"event_name":")" + name + R"("})")));
        good += wire.receive().status() == 201 ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, kClients * kEach);
  std::set<std::string> names;
  for (const std::string& line : lines("\"source\":\"api\"")) {
    EXPECT_TRUE(names.insert(test::text_in(line, "event_name")).second) << line;
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kClients * kEach));
}

TEST_F(IngestWriteTest, ABatchOfSeveralCommitsKeepsItsOrder) {
  start();
  std::string body;
  const std::size_t count = 2 * kCommitEntriesMax + 10;
  for (std::size_t i = 0; i < count; ++i)
    body += "{\"event_name\":\"n" + std::to_string(i) + "\"}\n";
  const auto answer = post(token(Role::writer), body, "Content-Type: application/x-ndjson\r\n");
  EXPECT_EQ(answer.status(), 201);
  EXPECT_EQ(number_in(answer.body, "accepted"), static_cast<std::int64_t>(count));
  const auto found = lines("\"source\":\"api\"");
  ASSERT_EQ(found.size(), count);
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_EQ(test::text_in(found[i], "event_name"), "n" + std::to_string(i));
  }
}

TEST_F(IngestWriteTest, AHeldLogIsAskedAgainLaterAndNothingIsWrittenThen) {
  config_.write_timeout = std::chrono::milliseconds(50);
  start();
  const std::string writer = token(Role::writer);
  const std::string body =
      R"({"event_name":"late","event_id":"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d"})";
  EXPECT_EQ(post(writer, R"({"event_name":"before"})").status(), 201);
  auto held = hold_log();
  const auto refused = post(writer, body);
  EXPECT_EQ(refused.status(), 503) << refused.body;
  EXPECT_EQ(refused.field("retry-after"), "1");
  EXPECT_NE(log_->trouble(), "") << "a health check hears of it";
  ASSERT_TRUE(held->unlock(0));
  EXPECT_EQ(post(writer, body).status(), 201);
  EXPECT_EQ(log_->trouble(), "");
  EXPECT_EQ(lines("\"late\"").size(), 1U);
}

TEST_F(IngestWriteTest, WhatWasRepeatedInARefusedRequestIsNewWhenSentAgain) {
  config_.write_timeout = std::chrono::milliseconds(50);
  start();
  const std::string writer = token(Role::writer);
  EXPECT_EQ(post(writer, R"({"event_name":"before"})").status(), 201);
  const std::string event =
      R"({"event_name":"late","event_id":"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d"})";
  const std::string body = "[" + event + "," + event + "]";
  auto held = hold_log();
  EXPECT_EQ(post(writer, body).status(), 503);
  ASSERT_TRUE(held->unlock(0));
  const auto answer = post(writer, body);
  EXPECT_EQ(answer.status(), 201) << answer.body;
  EXPECT_EQ(number_in(answer.body, "accepted"), 1);
  EXPECT_EQ(number_in(answer.body, "duplicates"), 1);
  EXPECT_EQ(lines("\"late\"").size(), 1U);
}

/// More than the queue holds: what comes behind a part that found no room must not overtake it.
TEST_F(IngestWriteTest, EventsOfOneRequestNeverOvertakeEachOther) {
  config_.write_timeout = std::chrono::milliseconds(200);
  start();
  const std::string writer = token(Role::writer);
  const std::string fields = "Content-Type: application/x-ndjson\r\nIdempotency-Key: many\r\n";
  constexpr std::size_t kCount = kQueueEntriesMax + 5 * kCommitEntriesMax;
  static_assert(kCount <= kIngestEventsMax);
  std::string body;
  for (std::size_t i = 0; i < kCount; ++i)
    body += "{\"event_name\":\"n" + std::to_string(i) + "\"}\n";
  EXPECT_EQ(post(writer, R"({"event_name":"before"})").status(), 201);
  auto held = hold_log();
  EXPECT_EQ(post(writer, body, fields).status(), 503);
  EXPECT_TRUE(held->unlock(0));
  const auto in_order = [this] {
    const auto found = lines("\"event_name\":\"n");
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (test::text_in(found[i], "event_name") != "n" + std::to_string(i)) return std::size_t{0};
    }
    return found.size() + 1;
  };
  EXPECT_GT(in_order(), 0U);
  int status = 0;
  for (int i = 0; i < 20 && status != 201 && status != 200; ++i) {
    status = post(writer, body, fields).status();
  }
  EXPECT_EQ(in_order(), kCount + 1);
}

}  // namespace
}  // namespace tally::server
