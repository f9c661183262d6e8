// SPDX-License-Identifier: Apache-2.0
// Connections on several loops: who gets them, and that what is recorded of them is one story.
#include "proxy/worker.h"

#include "proxy/proxy_fixture.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <future>
#include <thread>

namespace tally::proxy {
namespace {

using test::listed;
using test::Message;
using test::Wire;
using ::testing::HasSubstr;

constexpr int kConnections = 6;
constexpr int kCalls = 15;  // of each
constexpr int kQuestions = 20;
const std::string kSession = "Mcp-Session-Id: of-all\r\n";
const std::string kJson = "Content-Type: application/json\r\n";

/// A value in JSON text, by its key; the text of a number or of a string without its quotes.
std::string member(const std::string& text, const std::string& key) {
  const std::size_t at = text.find("\"" + key + "\":");
  if (at == std::string::npos) return {};
  std::size_t begin = at + key.size() + 3;
  if (text[begin] == '"') ++begin;
  return text.substr(begin, text.find_first_of("\",}", begin) - begin);
}

class WorkerTest : public test::ProxyFixture {
 protected:
  WorkerTest() { config_.limits.proxy_threads = 3; }

  /// What the connections to the upstream share; they may outlive the test.
  struct Story {
    std::mutex mutex;
    std::condition_variable changed;
    int answers = 0;
    std::atomic<bool> deleted = false;

    void answered(int id) {
      const std::lock_guard lock(mutex);
      answers = std::max(answers, id + 1);
      changed.notify_all();
    }
    bool wait_answer(int id) {
      std::unique_lock lock(mutex);
      return changed.wait_for(lock, std::chrono::seconds(10), [&] { return answers > id; });
    }
  };

  /// Where requests stay in the upstream until a test opens it. It may outlive the test.
  class Gate {
   public:
    void pass() {
      std::unique_lock lock(mutex_);
      most_ = std::max(most_, ++inside_);
      changed_.notify_all();
      changed_.wait_for(lock, std::chrono::seconds(10), [this] { return open_; });
      --inside_;
    }
    void open(bool open) {
      const std::lock_guard lock(mutex_);
      open_ = open;
      changed_.notify_all();
    }
    bool wait_inside(int count) {
      std::unique_lock lock(mutex_);
      return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return inside_ >= count; });
    }
    int most() {
      const std::lock_guard lock(mutex_);
      return most_;
    }

   private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
    int inside_ = 0;
    int most_ = 0;
  };

  /// An MCP server with one session: answers calls, asks questions on the GET stream, and lets them
  /// be answered on any connection.
  void start_server() {
    start([story = story_](Wire& wire, int) {
      for (;;) {
        const Message request = wire.receive();
        if (!request.complete) return;
        if (request.first_line().starts_with("GET /mcp")) {
          stream(wire, *story);
          return;
        }
        if (!wire.send(answer_to(request, *story))) return;
      }
    });
  }

  static std::string answer_to(const Message& request, Story& story) {
    const std::string first = request.first_line();
    if (first.starts_with("GET")) return test::response("x");
    if (first.starts_with("DELETE")) {
      story.deleted = true;
      return "HTTP/1.1 204 No Content\r\n\r\n";
    }
    if (story.deleted) return test::response("", "", "404 Not Found");
    if (request.body.find("initialize") != std::string::npos) {
      return test::response(
          R"({"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},)"
          R"("serverInfo":{"name":"files","version":"1"}}})",
          kJson + kSession);
    }
    const int id = std::stoi(member(request.body, "id"));
    if (request.body.find("\"method\"") != std::string::npos) {
      return test::response(result(id), kJson);
    }
    story.answered(id);
    return test::response("", "", "202 Accepted");
  }

  /// Questions to the client, one after the other was answered elsewhere.
  static void stream(Wire& wire, Story& story) {
    static_cast<void>(
        wire.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: "
                  "chunked\r\n\r\n"));
    for (int i = 0; i < kQuestions; ++i) {
      const std::string event = "data: {\"jsonrpc\":\"2.0\",\"id\":" + std::to_string(i) +
                                ",\"method\":\"roots/list\"}\n\n";
      char size[16];
      std::snprintf(size, sizeof size, "%zx", event.size());
      if (!wire.send(std::string(size) + "\r\n" + event + "\r\n")) return;
      if (!story.wait_answer(i)) return;
    }
    static_cast<void>(wire.wait_closed());
  }

  /// Where records of this name and JSON-RPC id stand in the log.
  static std::vector<std::size_t> places(const std::vector<event::Event>& events,
                                         std::string_view name, const std::string& id) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < events.size(); ++i) {
      const bool same = events[i].event_name == name;
      if (same && member(events[i].details, "jsonrpc_id") == id) out.push_back(i);
    }
    return out;
  }

  std::shared_ptr<Story> story_ = std::make_shared<Story>();
};

TEST_F(WorkerTest, SignsOfLifeAndTheEndComeFromItsLoop) {
  net::Loop given;
  Worker worker(0, &given, [] {});
  EXPECT_EQ(worker.load(), 0U);
  EXPECT_TRUE(worker.answered());
  worker.ping();
  EXPECT_FALSE(worker.answered());
  given.post([&] { given.stop(); });
  given.run();
  EXPECT_TRUE(worker.answered());
  std::promise<std::thread::id> where;
  Worker own(1, nullptr, [] {});
  own.start();
  own.loop().post([&] { where.set_value(std::this_thread::get_id()); });
  EXPECT_NE(where.get_future().get(), std::this_thread::get_id());
  std::promise<void> drained;
  own.loop().post([&] { own.drain([&] { drained.set_value(); }); });
  drained.get_future().wait();
  own.stop();
}

TEST(Activity, AloneIsOnlyWhoseClientsHaveToWaitForItsTurn) {
  Activity one_loop(1, 2);
  const Activity::Share mine(one_loop, 0);
  EXPECT_TRUE(one_loop.alone(0));
  Activity one_upstream(2, 1);
  EXPECT_TRUE(one_upstream.alone(0));
  {
    const Activity::Share other(one_upstream, 1);
    EXPECT_FALSE(one_upstream.alone(0));
    EXPECT_TRUE(one_upstream.alone(1));
  }
  EXPECT_TRUE(one_upstream.alone(0));
  const Activity two_upstreams(2, 2);  // each has a turn of its own
  EXPECT_FALSE(two_upstreams.alone(0));
}

/// While something is under way on another loop, no client gets what is not recorded.
TEST_F(WorkerTest, AnAnswerWaitsForTheTurnInWhichItIsRecorded) {
  const auto gate = std::make_shared<Gate>();
  start([gate](Wire& wire, int number) {
    const Message request = wire.receive();
    if (!request.complete) return;
    gate->pass();
    if (request.body.empty()) {
      static_cast<void>(wire.wait_closed());  // never answered
    } else if (wire.send(answer_to(request, *std::make_shared<Story>()))) {
      answer_all(wire, number);
    }
  });
  Wire first = client();  // on the loop that the test runs things on
  wait_connections(1);
  Wire second = client();
  wait_connections(2);
  ASSERT_TRUE(first.send(test::get("/never")));
  ASSERT_TRUE(gate->wait_inside(1));
  ASSERT_TRUE(second.send(test::post(call(1))));
  ASSERT_TRUE(gate->wait_inside(2));
  const auto renewed = server().prepare(config_, [&](const config::ProxyConfig&) {
    return Server::Renewal([&](record::HttpRecorder&) {  // in a turn of the first loop
      gate->open(true);
      EXPECT_TRUE(second.silent(200)) << "answered before it was recorded";
    });
  });
  ASSERT_TRUE(renewed);
  on_loop(*renewed);
  EXPECT_EQ(second.receive().body, result(1));
  first.close();
  const auto events = stop();
  EXPECT_EQ(test::named(events, "mcp-tool-execution").size(), 2U) << listed(events);
}

/// Each call is made on another connection, once the call before it was answered.
TEST_F(WorkerTest, ACallThatFollowsAnAnswerOnAnotherLoopStandsBehindItInTheLog) {
  start_server();
  std::vector<Wire> wires;
  for (int i = 0; i < 3; ++i) wires.push_back(client());
  std::atomic<bool> over = false;
  // Others keep the loops busy, or each would be alone.
  std::vector<std::thread> others;
  for (int i = 0; i < 2; ++i) {
    others.emplace_back([&] {
      Wire wire = client();
      while (!over && wire.send(test::get("/other")) && wire.receive().complete) {
      }
    });
  }
  constexpr int kSteps = 60;
  for (int id = 0; id < kSteps; ++id) {
    if (id == kSteps / 2) {
      over = true;
      for (std::thread& each : others) each.join();
    }
    Wire& wire = wires[static_cast<std::size_t>(id) % wires.size()];
    ASSERT_TRUE(wire.send(test::post(call(id))));
    ASSERT_EQ(wire.receive().body, result(id));
  }
  const auto events = stop();
  std::size_t last = 0;
  for (int id = 0; id < kSteps; ++id) {
    const auto at = places(events, "mcp-tool-execution", std::to_string(id));
    ASSERT_EQ(at.size(), 2U) << id << "\n" << listed(events);
    EXPECT_GE(at[0], last) << id;
    EXPECT_EQ(events[at[1]].event_result, event::EventResult::success);
    last = at[1];
  }
}

/// What a server's question has become: asked on a stream, answered on another connection.
TEST_F(WorkerTest, OneSessionOnManyConnectionsIsRecordedOnceAndInOrder) {
  start_server();
  Wire first = client();
  ASSERT_TRUE(first.send(test::post(
      R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18",)"
      R"("capabilities":{"roots":{}},"clientInfo":{"name":"t","version":"1"}}})")));
  ASSERT_EQ(first.receive().field("mcp-session-id"), "of-all");
  auto stream = std::make_unique<Wire>(client());
  ASSERT_TRUE(stream->send(test::get("/mcp", "Accept: text/event-stream\r\n" + kSession)));
  std::array<std::vector<int>, kConnections> made;  // ids of calls that were answered
  std::vector<std::thread> threads;
  for (int number = 0; number < kConnections; ++number) {
    threads.emplace_back([&, number] {
      Wire wire = client();
      for (int i = 1; !story_->deleted || i <= kCalls; ++i) {
        const int id = number * 1'000'000 + i;
        if (!wire.send(test::post(call(id), kSession))) return;
        const Message answer = wire.receive();
        EXPECT_TRUE(answer.status() == 404 || answer.body == result(id)) << answer.body;
        made[static_cast<std::size_t>(number)].push_back(id);
      }
    });
  }
  Wire answers = client();
  for (int i = 0; i < kQuestions; ++i) {
    ASSERT_THAT(stream->read_until("\n\n\r\n"), HasSubstr("roots/list"));
    ASSERT_TRUE(answers.send(test::post(
        "{\"jsonrpc\":\"2.0\",\"id\":" + std::to_string(i) + ",\"result\":{\"roots\":[]}}",
        kSession)));
    EXPECT_EQ(answers.receive().status(), 202);
  }
  Wire last = client();
  ASSERT_TRUE(last.send("DELETE /mcp HTTP/1.1\r\nHost: server.test\r\n" + kSession + "\r\n"));
  EXPECT_EQ(last.receive(true).status(), 204);
  for (std::thread& thread : threads) thread.join();
  stream.reset();
  const auto events = stop();
  std::size_t closed = 0;  // with the session, before their answers came
  for (const std::vector<int>& ids : made) {
    ASSERT_GE(ids.size(), static_cast<std::size_t>(kCalls));
    for (const int id : ids) {
      const auto at = places(events, "mcp-tool-execution", std::to_string(id));
      ASSERT_EQ(at.size(), 2U) << id << "\n" << listed(events);
      EXPECT_EQ(events[at[0]].status, event::Status::initiated) << id;
      EXPECT_NE(events[at[1]].status, event::Status::initiated) << id;
      EXPECT_EQ(events[at[0]].interaction_id, events[at[1]].interaction_id) << id;
      if (events[at[1]].event_result == event::EventResult::unknown) ++closed;
    }
  }
  for (int i = 0; i < kQuestions; ++i) {
    const auto at = places(events, "mcp-root-discovery", std::to_string(i));
    ASSERT_FALSE(at.empty()) << i << "\n" << listed(events);
    EXPECT_LE(at.size(), 2U) << i;
    EXPECT_EQ(events[at.back()].event_result, event::EventResult::success) << i << "\n"
                                                                           << listed(events);
  }
  const auto count = [&](std::string_view name) { return test::named(events, name).size(); };
  EXPECT_EQ(count("mcp-session-end"), 1U) << listed(events);
  EXPECT_EQ(count("mcp-protocol-violation"), 0U) << listed(events);
  EXPECT_LE(count("mcp-unmatched-response"), closed) << listed(events);
}

/// The limit is of the process, not of a loop.
TEST_F(WorkerTest, RequestsOnAllLoopsShareTheLimitsOfAnUpstream) {
  config_.limits.upstream_connections = 2;
  const auto gate = std::make_shared<Gate>();
  start([gate](Wire& wire, int) {
    while (wire.receive().complete) {
      gate->pass();
      if (!wire.send(test::response("x"))) return;
    }
  });
  std::vector<Wire> wires;
  for (int i = 0; i < 12; ++i) wires.push_back(client());
  wait_connections(wires.size());
  for (int round = 0; round < 5; ++round) {
    for (Wire& wire : wires) ASSERT_TRUE(wire.send(test::get("/x")));
    ASSERT_TRUE(gate->wait_inside(2));
    {
      // One more on each loop, which no upstream is needed for: what came before was looked at.
      std::vector<Wire> others;
      for (int i = 0; i < 3; ++i) others.push_back(client());
      for (Wire& other : others) ASSERT_TRUE(other.send("no request\r\n\r\n"));
      for (Wire& other : others) ASSERT_EQ(other.receive().status(), 400);
    }
    EXPECT_EQ(gate->most(), 2);
    gate->open(true);
    for (Wire& wire : wires) ASSERT_EQ(wire.receive().body, "x");
    gate->open(false);
    wait_connections(wires.size());
  }
  EXPECT_EQ(gate->most(), 2);
}

/// An idle connection of one loop must not keep the only place at the upstream from another.
TEST_F(WorkerTest, AnUpstreamThatServesOneConnectionAtATimeServesAllLoops) {
  config_.limits.upstream_connections = 1;
  config_.proxies[0].timeouts.upstream_idle = std::chrono::seconds(60);  // not what ends it
  start([one_at_a_time = std::make_shared<std::mutex>()](Wire& wire, int number) {
    const std::lock_guard lock(*one_at_a_time);
    answer_all(wire, number);
  });
  std::vector<Wire> wires;
  for (int i = 0; i < 6; ++i) {
    wires.push_back(client());
    wait_connections(wires.size());  // on each loop two of them
  }
  for (int id = 0; id < 24; ++id) {
    Wire& wire = wires[static_cast<std::size_t>(id) % wires.size()];
    ASSERT_TRUE(wire.send(test::post(call(id))));
    ASSERT_FALSE(wire.silent(5'000)) << id << ": the idle connection was waited for";
    ASSERT_EQ(wire.receive().body, result(id)) << id;
  }
}

TEST_F(WorkerTest, TheLimitOfConnectionsHoldsForAllLoopsTogether) {
  config_.limits.connections = 3;
  start(answer_all);
  std::vector<std::unique_ptr<Wire>> wires;
  for (int i = 0; i < 3; ++i) wires.push_back(std::make_unique<Wire>(client()));
  wait_connections(3);
  for (int round = 1; round <= 6; ++round) {
    Wire waiting = client();  // in the kernel's queue
    ASSERT_TRUE(waiting.send(test::post(call(round))));
    // Whoever accepts has looked for what is ready between the first of these and the last.
    for (int i = 0; i < 3; ++i) on_loop([] {});
    ASSERT_EQ(server().connections(), 3U);
    ASSERT_TRUE(waiting.silent(0));
    wires.erase(wires.begin());
    EXPECT_EQ(waiting.receive().body, result(round));
    wires.push_back(std::make_unique<Wire>(std::move(waiting)));
    wait_connections(3);
  }
}

}  // namespace
}  // namespace tally::proxy
