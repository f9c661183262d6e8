// SPDX-License-Identifier: Apache-2.0
#include "server/search.h"

#include "base/json.h"
#include "server/api_fixture.h"

namespace tally::server {
namespace {

using access::Role;
using test::Message;
using test::number_in;
using test::text_in;

class SearchTest : public test::ApiFixture {
 protected:
  SearchTest() {
    start();
    auditor_ = token(Role::auditor);
    std::string events;
    for (int i = 0; i < 25; ++i) {
      const std::string server = i % 5 == 0 ? "git" : "files";
      events +=
          R"({"event_name":"mcp-tool-execution","target_type":"tool","target_name":"read","actor_id":"u)" +
          std::to_string(i % 3) + R"(","target_id":")" + server + R"(/read","request_id":"r)" +
          std::to_string(i) + "\"}\n";
    }
    const auto answer = post(first_token_, events, "Content-Type: application/x-ndjson\r\n");
    EXPECT_EQ(answer.status(), 201) << answer.body;
    last_ = answer.body.substr(answer.body.rfind("\"seq\":") + 6);
    last_ = last_.substr(0, last_.find_first_not_of("0123456789"));
  }
  /// As soon as all events can be found.
  Message list(const std::string& query, const std::string& secret) {
    return ask("GET", "/api/audit/logs?wait_for=" + last_ + (query.empty() ? "" : "&" + query),
               secret);
  }
  Message list(const std::string& query) { return list(query, auditor_); }
  /// request_id of every entry, in order.
  static std::string requests(const std::string& body) {
    std::string out;
    constexpr std::string_view kName = "\"request_id\":\"";
    for (std::size_t at = body.find(kName); at != std::string::npos;
         at = body.find(kName, at + 1)) {
      const std::size_t begin = at + kName.size();
      out += body.substr(begin, body.find('"', begin) - begin) + ' ';
    }
    return out;
  }
  std::string auditor_, last_;
};

TEST_F(SearchTest, AnArrayOfWholeEntriesNewestFirst) {
  const auto answer = list("event_name=mcp-tool-execution&limit=3");
  ASSERT_EQ(answer.status(), 200) << answer.body;
  EXPECT_TRUE(answer.body.starts_with("[{")) << answer.body;
  EXPECT_EQ(requests(answer.body), "r24 r23 r22 ");
  EXPECT_NE(answer.body.find("\"error_message\":null"), std::string::npos) << "what clients expect";
  const auto oldest = list("event_name=mcp-tool-execution&limit=2&order=asc");
  EXPECT_EQ(requests(oldest.body), "r0 r1 ");
  EXPECT_EQ(requests(list("actor_id=u1&limit=2&offset=2").body), "r16 r13 ");
  EXPECT_EQ(list("actor_id=nobody").body, "[]");
}

TEST_F(SearchTest, PagesLeadToEachOtherAndLoseNothing) {
  std::string all;
  std::string query = "event_name=mcp-tool-execution&limit=7&envelope=true";
  auto answer = list(query);
  EXPECT_EQ(number_in(answer.body, "value"), 25);
  EXPECT_EQ(text_in(answer.body, "relation"), "exact");
  EXPECT_NE(answer.body.find("\"prev\":null"), std::string::npos);
  int pages = 1;
  for (;; ++pages) {
    all += requests(answer.body);
    const std::string next = text_in(answer.body, "next");
    if (next.empty()) break;
    EXPECT_EQ(answer.field("x-next-cursor"), next);
    EXPECT_NE(answer.field("link").find("cursor=" + next + ">; rel=\"next\""), std::string::npos);
    // What comes in between does not move pages.
    EXPECT_EQ(
        post(first_token_, R"({"event_name":"mcp-tool-execution","request_id":"late"})").status(),
        201);
    answer = list(query + "&cursor=" + next);
    ASSERT_EQ(answer.status(), 200) << answer.body;
  }
  EXPECT_EQ(pages, 4);
  std::string wanted;
  for (int i = 24; i >= 0; --i) wanted += "r" + std::to_string(i) + ' ';
  EXPECT_EQ(all, wanted);
  const auto back = list(query + "&cursor=" + text_in(answer.body, "prev"));
  EXPECT_EQ(requests(back.body), "r10 r9 r8 r7 r6 r5 r4 ");
}

TEST_F(SearchTest, TheLinkIsTheRequestWithACursor) {
  const auto answer =
      ask("GET", "/api/audit/logs?q=tool%3Aread&limit=5&wait_for=" + last_, auditor_);
  EXPECT_TRUE(answer.field("link").starts_with("</api/audit/logs?q=tool%3Aread&limit=5&cursor="))
      << answer.field("link");
}

TEST_F(SearchTest, AScopeBoundsItemsAndTotal) {
  const std::string scoped = token(Role::auditor, {"server=git"});
  const auto answer = list("envelope=true", scoped);
  EXPECT_EQ(number_in(answer.body, "value"), 5) << answer.body;
  EXPECT_EQ(requests(answer.body), "r20 r15 r10 r5 r0 ");
  EXPECT_EQ(list("target_id=files/read", scoped).body, "[]");
  EXPECT_EQ(list("q=server:files", scoped).body, "[]");
  // A cursor from a wider token shows nothing either: its filters are others.
  const auto wide = list("limit=1");
  EXPECT_EQ(list("limit=1&cursor=" + wide.field("x-next-cursor"), scoped).status(), 422);
}

TEST_F(SearchTest, WhatMakesNoSenseIsRefused) {
  const std::string cursor = list("limit=1").field("x-next-cursor");
  ASSERT_FALSE(cursor.empty());
  for (const std::string& query :
       {std::string("cursor=nonsense"), "cursor=" + cursor + "&actor_id=u1",
        "limit=1&offset=1&cursor=" + cursor, std::string("q=tol:x"), std::string("limit=1001"),
        std::string("order=up"), std::string("nothing=1")}) {
    const auto answer = list(query);
    EXPECT_EQ(answer.status(), 422) << query << answer.body;
    EXPECT_EQ(answer.field("content-type"), "application/problem+json");
  }
  EXPECT_EQ(list("start_time=2026-01-02&end_time=2026-01-01").status(), 400);
}

TEST_F(SearchTest, SearchingIsRecordedBeforeItIsAnswered) {
  EXPECT_EQ(list("actor_id=u2&limit=4").status(), 200);
  const auto recorded = lines("\"audit-log-access\"");
  ASSERT_EQ(recorded.size(), 1U);
  EXPECT_NE(recorded[0].find("\"actor_id\":\"u2\""), std::string::npos) << recorded[0];
  EXPECT_NE(recorded[0].find("\"search\""), std::string::npos) << recorded[0];
}

TEST_F(SearchTest, WaitingForWhatDoesNotComeEnds) {
  const auto answer = ask("GET", "/api/audit/logs?wait_for=1000000", auditor_);
  EXPECT_EQ(answer.status(), 503);
  EXPECT_FALSE(answer.field("retry-after").empty());
}

}  // namespace
}  // namespace tally::server
