// SPDX-License-Identifier: Apache-2.0
#include "server/entry_filter.h"

#include "index/query_keys.h"
#include "server/entry_parameters.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tally::server {
namespace {

using index::Key;

constexpr WallTime kNow{std::chrono::seconds(1'800'000'000)};
constexpr std::string_view kKey = "0123456789abcdef0123456789abcdef";

class EntryFilterTest : public ::testing::Test {
 protected:
  static Request request(std::string_view query, const std::vector<std::string>& scope = {}) {
    static const Operation& list = *find_route("GET", "/api/audit/logs").operation;
    ParameterReader reader(kNow + std::chrono::hours(5));  // a later page
    const auto fault = reader.read_query(list, query);
    EXPECT_FALSE(fault) << fault->name << ": " << fault->detail;
    Request out;
    out.parameters = reader.take();
    out.principal.emplace();
    for (const std::string& each : scope) EXPECT_TRUE(out.principal->scope.add(each));
    return out;
  }
  [[nodiscard]] bool matches(std::string_view query, std::string_view line,
                             const std::vector<std::string>& scope = {}) const {
    const auto filter = entry_filter(request(query, scope), kNow, digest_, std::nullopt);
    const auto* const good = std::get_if<index::Filter>(&filter);
    EXPECT_NE(good, nullptr) << std::get<Answer>(filter).body;
    return good != nullptr && index::FilterMatcher(*good).matches(line);
  }
  redact::KeyedDigest digest_{as_bytes(kKey)};
};

constexpr std::string_view kLine =
    R"({"seq":4,"timestamp":"2027-01-15T07:50:00.000000Z","event_id":"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d",)"
    R"("event_name":"mcp-tool-execution","event_type":"mcp","event_action":"execute","event_result":"failure",)"
    R"("status":"failed","severity":"warning","severity_level":"medium","actor_id":"a*","target_type":"tool",)"
    R"("target_id":"files/read","target_name":"read"})";

TEST_F(EntryFilterTest, EachParameterComparesItsField) {
  for (const char* good :
       {"event_id=019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d", "event_name=mcp-tool-execution",
        "event_type=mcp", "event_result=failure", "status=failed", "severity=warning",
        "severity_level=medium", "actor_id=a*", "target_type=tool", "target_id=files/read",
        "target_name=read", "q=tool:re*+-severity:debug", "event_type=mcp&q=result:failure"}) {
    EXPECT_TRUE(matches(good, kLine)) << good;
  }
  for (const char* bad :
       {"event_name=mcp", "event_type=auth", "severity=error", "severity=info", "actor_id=ab",
        "actor_id=*", "target_id=read", "q=tool:x", "event_type=mcp&q=type:auth"}) {
    EXPECT_FALSE(matches(bad, kLine)) << bad;
  }
}

TEST_F(EntryFilterTest, AParameterNarrowsAndNeverWidensTheExpression) {
  EXPECT_FALSE(matches("q=actor:somebody&actor_id=a*", kLine))
      << "alternatives of one key stand in one expression, not in two";
}

TEST_F(EntryFilterTest, ASessionIsFoundByItsIdAndByItsDigest) {
  const std::string hashed = digest_("the-session");
  const std::string line = R"({"seq":1,"session_id":")" + hashed + "\"}";
  EXPECT_TRUE(matches("session_id=the-session", line));
  EXPECT_TRUE(matches("session_id=" + hashed, line));
  EXPECT_TRUE(matches("q=session:the-session", line));
  EXPECT_FALSE(matches("session_id=another", line));
}

TEST_F(EntryFilterTest, TimesAreHalfOpenAndMeanWhatTheyMeantOnTheFirstPage) {
  EXPECT_TRUE(matches("start_time=2027-01-15T07:50:00Z", kLine));
  EXPECT_FALSE(matches("end_time=2027-01-15T07:50:00Z", kLine));
  EXPECT_TRUE(matches("end_time=2027-01-15T07:50:00.000001Z", kLine));
  EXPECT_TRUE(matches("start_time=-15m", kLine)) << "ten minutes before kNow";
  EXPECT_FALSE(matches("start_time=-5m", kLine));
}

TEST_F(EntryFilterTest, WithoutAStartItGoesBackAsFarAsIsUsual) {
  const std::string old = R"({"seq":1,"timestamp":"2026-12-15T07:50:00.000000Z"})";
  const auto with = [&](std::string_view query, std::string_view line) {
    const auto filter = entry_filter(request(query), kNow, digest_, std::chrono::hours(24));
    return index::FilterMatcher(std::get<index::Filter>(filter)).matches(line);
  };
  EXPECT_TRUE(with("", kLine));
  EXPECT_FALSE(with("", old));
  EXPECT_TRUE(with("start_time=2026-01-01", old));
  EXPECT_TRUE(with("end_time=2026-12-16", old)) << "a day before the end";
}

TEST_F(EntryFilterTest, TheScopeOfTheTokenIsAlwaysThere) {
  EXPECT_TRUE(matches("", kLine, {"server=files"}));
  EXPECT_FALSE(matches("", kLine, {"server=git"}));
  EXPECT_FALSE(matches("target_id=files/read", kLine, {"server=git"}));
}

TEST_F(EntryFilterTest, WhatIsWrongIsNamed) {
  const auto answer = [&](std::string_view query) {
    auto filter = entry_filter(request(query), kNow, digest_, std::nullopt);
    auto* const wrong = std::get_if<Answer>(&filter);
    EXPECT_NE(wrong, nullptr) << query;
    return wrong == nullptr ? Answer() : std::move(*wrong);
  };
  const Answer key = answer("q=tol:x");
  EXPECT_EQ(key.status, 422);
  EXPECT_NE(key.body.find("did you mean tool?"), std::string::npos) << key.body;
  EXPECT_NE(key.body.find("\"parameter\":\"q\""), std::string::npos) << key.body;
  EXPECT_EQ(answer("start_time=2027-01-02&end_time=2027-01-01").status, 400);
  EXPECT_EQ(answer("start_time=2027-01-02&end_time=2027-01-02").status, 400);
}

TEST(EntryParameters, WordsAreThoseOfTheEvent) {
  for (const auto& [name, key] : kFieldParameters) {
    const auto at = std::ranges::find(kListParameters, name, &Parameter::name);
    ASSERT_NE(at, kListParameters.end()) << name;
    if (at->kind != ParameterKind::word) continue;
    const auto texts = index::word_texts(key);
    EXPECT_TRUE(std::ranges::equal(at->words, texts)) << name;
  }
}

}  // namespace
}  // namespace tally::server
