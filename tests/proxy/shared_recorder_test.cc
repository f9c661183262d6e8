// SPDX-License-Identifier: Apache-2.0
#include "proxy/shared_recorder.h"

#include "base/clock.h"
#include "redact/keyed_digest.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace tally::proxy {
namespace {

class SharedRecorderTest : public ::testing::Test {
 protected:
  std::unique_ptr<SharedRecorder> make() {
    record::HttpRecorderOptions options;
    options.instance = "test";
    options.server_name = "files";
    auto identifier = identity::Identifier::make({}, digest_);
    return std::make_unique<SharedRecorder>(std::make_unique<record::HttpRecorder>(
        std::move(options), std::move(*identifier), uuids_, digest_));
  }

  static mcp::Moment now() { return mcp::moment_of(system_clock()); }

  /// Events of one whole tools/call, recorded on the thread of this loop.
  static record::Events call_on(SharedRecorder& recorder, std::size_t loop, int id) {
    record::Events out;
    const auto add = [&out](record::Events more) {
      for (event::Event& each : more) out.push_back(std::move(each));
    };
    http::RequestHead head;
    head.method = "POST";
    head.target = "/mcp";
    head.fields.add("Content-Type", "application/json");
    const std::string number = std::to_string(id);
    RecordedExchange exchange;
    {
      const RecorderTurn turn(recorder, loop);
      exchange = turn.begin(head, true, "127.0.0.1", now());
    }
    {
      const RecorderTurn turn(recorder, loop);
      auto verdict = turn.of(exchange).on_request_body(
          R"({"jsonrpc":"2.0","method":"tools/call","params":{"name":"x"},"id":)" + number + "}",
          now());
      add(std::move(verdict.events));
    }
    http::ResponseHead answer;
    answer.status = 200;
    answer.fields.add("Content-Type", "application/json");
    const RecorderTurn turn(recorder, loop);
    add(turn.of(exchange).on_response_head(answer, now()));
    add(turn.of(exchange).on_response_body(
        R"({"jsonrpc":"2.0","result":{"content":[]},"id":)" + number + "}", now()));
    add(turn.of(exchange).on_end({}, now()));
    return out;
  }

  UuidSource uuids_{system_clock(), system_random()};
  redact::KeyedDigest digest_{as_bytes("key")};
};

/// There is no way to the recorder but a turn.
static_assert(!std::is_convertible_v<SharedRecorder&, record::HttpRecorder&>);
static_assert(!std::is_copy_constructible_v<RecorderTurn> &&
              !std::is_copy_constructible_v<RecordedExchange>);

TEST_F(SharedRecorderTest, ADigestIsMadeWhileAnotherLoopHasItsTurn) {
  const auto recorder = make();
  const RecorderTurn turn(*recorder, 0);
  std::string digest;
  std::thread other([&] { digest = recorder->digest()("a body that nobody can read"); });
  other.join();  // ctest bounds it
  EXPECT_EQ(digest, digest_("a body that nobody can read"));
}

TEST_F(SharedRecorderTest, ManyThreadsRecordEachCallOnce) {
  constexpr int kLoops = 4;
  constexpr int kCalls = 200;
  const auto recorder = make();
  std::vector<std::vector<record::Events>> seen(kLoops);
  std::vector<std::thread> threads;
  for (std::size_t loop = 0; loop < kLoops; ++loop) {
    threads.emplace_back([&, loop] {
      for (int i = 0; i < kCalls; ++i) seen[loop].push_back(call_on(*recorder, loop, i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> ids;
  for (const auto& calls : seen) {
    for (const record::Events& events : calls) {
      ASSERT_EQ(events.size(), 2U);
      EXPECT_EQ(events[0].status, event::Status::initiated);
      EXPECT_EQ(events[1].event_result, event::EventResult::success);
      EXPECT_EQ(events[0].interaction_id, events[1].interaction_id);
      ids.insert(events[0].interaction_id.value_or(""));
    }
  }
  EXPECT_EQ(ids.size(), kLoops * kCalls);
  const RecorderTurn turn(*recorder, 0);
  EXPECT_EQ(turn.recorder().open_requests(), 0U);
}

TEST_F(SharedRecorderTest, ALoopMayTakeATurnInsideItsTurnAndOthersWaitForTheOuterOne) {
  const auto recorder = make();
  std::atomic<bool> over = false;
  bool was_over = false;
  std::thread other;
  {
    RecorderTurn outer(*recorder, 0);
    {
      const RecorderTurn inner(*recorder, 0);
      EXPECT_EQ(&inner.recorder(), &outer.recorder());
    }
    other = std::thread([&] {
      const RecorderTurn turn(*recorder, 1);
      was_over = over;
    });
    static_cast<void>(call_on(*recorder, 0, 1));
    over = true;
    outer.give_back();
    outer.give_back();  // nothing more
  }
  other.join();
  EXPECT_TRUE(was_over);
}

TEST_F(SharedRecorderTest, WhatIsMovedStaysInItsTurn) {
  const auto recorder = make();
  RecorderTurn first(*recorder, 0);
  RecorderTurn second(std::move(first));
  http::RequestHead head;
  head.method = "GET";
  head.target = "/x";
  head.fields.add("X-Request-ID", "abc");
  RecordedExchange exchange = second.begin(head, false, "127.0.0.1", now());
  second.give_back();
  EXPECT_TRUE(exchange);
  EXPECT_EQ(exchange.request_id(), "abc");
  EXPECT_EQ(exchange.body_plan(), record::BodyPlan::none);
  RecordedExchange moved = std::move(exchange);
  moved.reset();
  EXPECT_FALSE(moved);
}

TEST_F(SharedRecorderTest, AnExchangeOfAnotherRecorderIsOurMistake) {
  const auto one = make();
  const auto other = make();
  http::RequestHead head;
  head.method = "GET";
  head.target = "/x";
  RecordedExchange exchange = RecorderTurn(*one, 0).begin(head, false, "127.0.0.1", now());
  EXPECT_DEATH(static_cast<void>(RecorderTurn(*other, 0).of(exchange)), "recorder_");
}

}  // namespace
}  // namespace tally::proxy
