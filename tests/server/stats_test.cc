// SPDX-License-Identifier: Apache-2.0
#include "server/stats.h"

#include "event/duration.h"
#include "event/view.h"
#include "server/api_fixture.h"

#include <map>
#include <random>
#include <set>

namespace tally::server {
namespace {

using access::Role;
using event::EventView;
using event::Field;
using test::Message;
using test::number_in;

/// What a naive reader of the log counts.
struct Recount {
  std::uint64_t total = 0, failed = 0, failed_logins = 0, changes = 0, durations = 0;
  std::map<std::string, std::uint64_t> results, severities, types, tools, failed_tools;
  std::set<std::string> actors;
};

class StatsTest : public test::ApiFixture {
 protected:
  StatsTest() {
    start();
    auditor_ = token(Role::auditor);
    std::string events;
    for (int i = 0; i < 400; ++i) events += event() + '\n';
    const auto answer = post(first_token_, events, "Content-Type: application/x-ndjson\r\n");
    EXPECT_EQ(answer.status(), 201) << answer.body;
    last_ = answer.body.substr(answer.body.rfind("\"seq\":") + 6);
    last_ = last_.substr(0, last_.find_first_not_of("0123456789"));
  }
  template <class... T>
  const char* one_of(T... texts) {
    const char* const all[] = {texts...};
    return all[random_() % sizeof...(texts)];
  }
  /// Times are out of order, and half of them before the usual range.
  std::string event() {
    const auto back = std::chrono::seconds(random_() % (14 * 86'400));
    std::string out = R"({"timestamp":")" + format_time(system_clock().now() - back) + '"';
    const auto put = [&](const char* name, const std::string& text) {
      out += ",\"" + std::string(name) + "\":\"" + text + '"';
    };
    const std::string type = one_of("mcp", "mcp", "auth", "admin");
    put("event_name", "e2e-" + type);
    put("event_type", type);
    put("event_action", type == "auth" ? "login" : one_of("execute", "update", "view"));
    put("event_result", one_of("success", "success", "failure", "denied", "error", "unknown"));
    put("severity", one_of("info", "warning", "error"));
    put("status", one_of("succeeded", "succeeded", "failed", "initiated"));
    if (random_() % 4 != 0) put("actor_id", one_of("alice", "bob", "carol"));
    const std::string tool = one_of("read", "write", "list");
    put("target_type", "tool");
    put("target_id", std::string(one_of("files", "git")) + "/" + tool);
    put("target_name", tool);
    put("error_message", one_of("no such file", "timeout", "-"));
    if (random_() % 2 == 0) out += ",\"duration_ms\":" + std::to_string(random_() % 900);
    return out + "}";
  }
  Message stats(const std::string& query, const std::string& secret) {
    return ask("GET", "/api/audit/stats?wait_for=" + last_ + (query.empty() ? "" : "&" + query),
               secret);
  }
  /// Over the lines in the log below `size` with a time within [from, to).
  Recount recount(const Message& answer, const std::function<bool(const EventView&)>& wanted) {
    Recount out;
    const std::string from = test::text_in(answer.body, "from");
    const std::string to = test::text_in(answer.body, "to");
    auto all = lines();
    all.resize(static_cast<std::size_t>(number_in(answer.body, "size")));
    for (const std::string& line : all) {
      EventView view;
      EXPECT_TRUE(view.parse(line));
      const auto text = [&](Field field) {
        std::string storage;
        return std::string(view.text(field, storage));
      };
      const std::string time = text(Field::timestamp);
      if (time < from || time >= to || text(Field::status) == "initiated" || !wanted(view)) {
        continue;
      }
      const std::string result = text(Field::event_result);
      const std::string type = text(Field::event_type);
      const std::string name = text(Field::event_name);
      const bool failed = result == "failure" || result == "denied" || result == "error";
      const bool change = text(Field::event_action) == "update" && type == "admin";
      ++out.total;
      out.failed += failed ? 1 : 0;
      out.failed_logins += failed && type == "auth" ? 1 : 0;
      out.changes += !failed && (change || name == "audit-token-created") ? 1 : 0;
      out.durations += view.has(Field::duration_ms) ? 1 : 0;
      ++out.results[result];
      ++out.severities[text(Field::severity)];
      ++out.types[type];
      if (view.has(Field::actor_id)) out.actors.insert(text(Field::actor_id));
      if (text(Field::target_type) != "tool") continue;
      ++out.tools[text(Field::target_name)];
      out.failed_tools[text(Field::target_name)] += failed ? 1 : 0;
    }
    return out;
  }
  static std::string counts(const std::map<std::string, std::uint64_t>& of) {
    std::multimap<std::uint64_t, std::string> order;
    for (const auto& [text, count] : of) order.emplace(~count, text);
    std::string out;
    for (const auto& [count, text] : order) {
      out += (out.empty() ? "\"" : ",\"") + text + "\":" + std::to_string(~count);
    }
    return '{' + out + '}';
  }
  static void compare(const Message& answer, const Recount& want, const std::string& what) {
    const std::string& body = answer.body;
    ASSERT_EQ(answer.status(), 200) << what << body;
    const auto part = [&](const std::string& text) {
      EXPECT_NE(body.find(text), std::string::npos) << what << ": " << text << "\n in " << body;
    };
    const auto n = [](std::uint64_t number) { return std::to_string(number); };
    part(R"("total":{"value":)" + n(want.total) + R"(,"relation":"exact"},"failed":)" +
         n(want.failed) + ",");
    part(R"("failed_logins":)" + n(want.failed_logins) + R"(,"configuration_changes":)" +
         n(want.changes) + R"(,"active_actors":{"value":)" + n(want.actors.size()) + ",");
    part(R"("by_result":)" + counts(want.results) + R"(,"by_severity":)" + counts(want.severities) +
         R"(,"by_type":)" + counts(want.types));
    part(want.durations == 0 ? R"("latency":null,"top_tools")"
                             : R"("latency":{"count":)" + n(want.durations) + ",");
    std::uint64_t bars = 0;
    for (std::size_t at = body.find("\"start\":"); at != std::string::npos;
         at = body.find("\"start\":", at + 1)) {
      bars += static_cast<std::uint64_t>(number_in(body.substr(at), "count"));
    }
    EXPECT_EQ(bars, want.total) << what;
    for (const auto& [tool, count] : want.tools) {
      part(R"({"tool":")" + tool + R"(","count":)" + n(count) + R"(,"failed":)" +
           n(want.failed_tools.at(tool)) + ",");
    }
  }
  static std::string text_of(const EventView& view, Field field) {
    std::string storage;
    return std::string(view.text(field, storage));
  }
  std::mt19937 random_{7};
  std::string auditor_, last_;
};

TEST_F(StatsTest, AreWhatANaiveRecountGives) {
  using Wanted = std::function<bool(const EventView&)>;
  const std::vector<std::pair<std::string, Wanted>> cases{
      {"", [](const EventView&) { return true; }},
      {"start_time=2020-01-01&interval=365d", [](const EventView&) { return true; }},
      {"start_time=-3d&end_time=-1h", [](const EventView&) { return true; }},
      {"actor_id=alice",
       [](const EventView& view) { return text_of(view, Field::actor_id) == "alice"; }},
      {"event_type=auth&start_time=-13d&interval=1h",
       [](const EventView& view) { return text_of(view, Field::event_type) == "auth"; }},
      {"q=tool:write%20result:failure",
       [](const EventView& view) {
         return text_of(view, Field::target_name) == "write" &&
                text_of(view, Field::event_result) == "failure";
       }},
      {"q=%22such+file%22",
       [](const EventView& view) { return text_of(view, Field::error_message) == "no such file"; }},
      {"status=initiated", [](const EventView&) { return false; }},
  };
  for (const auto& [query, wanted] : cases) {
    const auto answer = stats(query, auditor_);
    compare(answer, recount(answer, wanted), query);
  }
}

TEST_F(StatsTest, AScopeBoundsEveryNumber) {
  const std::string scoped = token(Role::auditor, {"server=git"});
  const auto of_git = [](const EventView& view) {
    return text_of(view, Field::target_id).starts_with("git/");
  };
  for (const char* query : {"", "q=read", "start_time=-10d", "actor_id=bob"}) {
    const auto answer = stats(query, scoped);
    compare(answer,
            recount(answer,
                    [&](const EventView& view) {
                      if (std::string(query) == "actor_id=bob" &&
                          text_of(view, Field::actor_id) != "bob") {
                        return false;
                      }
                      return of_git(view) && (std::string(query) != "q=read" ||
                                              text_of(view, Field::target_name) == "read");
                    }),
            query);
    EXPECT_EQ(answer.body.find("files"), std::string::npos) << answer.body;
    EXPECT_EQ(answer.body.find("token:"), std::string::npos) << "nobody else's reads";
  }
  EXPECT_EQ(number_in(stats("q=server:files", scoped).body, "failed"), 0);
}

TEST_F(StatsTest, WhatMakesNoSenseIsRefused) {
  for (const char* query :
       {"interval=0s", "interval=fast", "interval=1s", "interval=1us", "top=0", "top=101",
        "limit=5", "order=asc", "cursor=x", "q=tol:x", "event_type=nothing"}) {
    const auto answer = stats(query, auditor_);
    EXPECT_EQ(answer.status(), 422) << query << answer.body;
    EXPECT_EQ(answer.field("content-type"), "application/problem+json");
  }
  EXPECT_EQ(stats("start_time=2026-01-02&end_time=2026-01-01", auditor_).status(), 400);
  EXPECT_EQ(stats("start_time=2200-01-01", auditor_).status(), 400) << "nothing is there yet";
  EXPECT_EQ(ask("GET", "/api/audit/stats?wait_for=1000000", auditor_).status(), 503);
  EXPECT_EQ(stats("", token(Role::writer)).status(), 403);
  EXPECT_EQ(stats("", "").status(), 401);
}

TEST_F(StatsTest, AskingIsRecordedAndPollsAreOneRecord) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ask("GET", "/api/audit/stats?start_time=-1h", auditor_).status(), 200);
  }
  const auto recorded = lines("\"operation\":\"stats\"");
  ASSERT_EQ(recorded.size(), 1U);
  EXPECT_NE(recorded[0].find("\"start_time\":\"-1h\""), std::string::npos) << recorded[0];
}

TEST(UsualIntervalTest, GivesAUsualNumberOfBars) {
  constexpr std::int64_t kHour = 3'600'000'000;
  EXPECT_EQ(usual_interval(1), 1'000);
  EXPECT_EQ(usual_interval(kHour), kHour / 60);
  EXPECT_EQ(usual_interval(24 * kHour), kHour / 2);
  EXPECT_EQ(usual_interval(7 * 24 * kHour), 2 * kHour);
  for (std::int64_t length = 1; length < std::int64_t{1} << 58; length = length * 3 + 1) {
    EXPECT_LT(length / usual_interval(length), 120) << length;
  }
}

}  // namespace
}  // namespace tally::server
