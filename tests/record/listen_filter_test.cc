// SPDX-License-Identifier: Apache-2.0
#include "record/listen_filter.h"

#include "record/http_harness.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

std::optional<ListenFilter> filter_of(const std::string& notifications) {
  mcp::MessageReader reader;
  const std::string text =
      modern("1", "subscriptions/listen", "\"notifications\":" + notifications);
  return ListenFilter::of(reader.read(text).messages.front());
}

bool asks(const std::string& notifications, std::string_view method,
          const std::string& params = "{}") {
  mcp::MessageReader reader;
  const std::string text =
      R"({"jsonrpc":"2.0","method":")" + std::string(method) + R"(","params":)" + params + "}";
  return filter_of(notifications)->asks_for(reader.read(text).messages.front());
}

TEST(ListenFilter, ListsThatChange) {
  const struct {
    const char* member;
    const char* method;
  } kinds[] = {{"toolsListChanged", "notifications/tools/list_changed"},
               {"promptsListChanged", "notifications/prompts/list_changed"},
               {"resourcesListChanged", "notifications/resources/list_changed"}};
  for (const auto& asked : kinds) {
    const std::string filter = "{\"" + std::string(asked.member) + "\":true}";
    for (const auto& sent : kinds) {
      EXPECT_EQ(asks(filter, sent.method), asked.method == sent.method) << filter << sent.method;
    }
    EXPECT_FALSE(asks("{\"" + std::string(asked.member) + "\":false}", asked.method));
  }
  EXPECT_TRUE(asks("{}", "notifications/subscriptions/acknowledged")) << "nobody asks for that";
  EXPECT_TRUE(asks("{}", "notifications/message"));
}

TEST(ListenFilter, ResourcesAndTasks) {
  const std::string filter = R"({"resourceSubscriptions":["file:///a"],"taskIds":["t1","t2"]})";
  const auto updated = [&](const char* uri) {
    return asks(filter, "notifications/resources/updated",
                R"({"uri":")" + std::string(uri) + "\"}");
  };
  EXPECT_TRUE(updated("file:///a"));
  EXPECT_TRUE(updated("file:///a/part"));
  EXPECT_FALSE(updated("file:///b"));
  EXPECT_FALSE(asks(filter, "notifications/resources/updated"));
  EXPECT_TRUE(asks(filter, "notifications/tasks", R"({"taskId":"t2"})"));
  EXPECT_FALSE(asks(filter, "notifications/tasks", R"({"taskId":"t3"})"));
  EXPECT_FALSE(asks("{}", "notifications/tasks", R"({"taskId":"t1"})"));
}

TEST(ListenFilter, WhatIsNotKeptIsNotJudged) {
  EXPECT_FALSE(filter_of("[]"));
  std::string many = R"({"taskIds":["x")";
  for (int i = 0; i < 1'000; ++i) many += ",\"x\"";
  EXPECT_FALSE(filter_of(many + "]}"));
  EXPECT_FALSE(filter_of(R"({"taskIds":[")" + std::string(100'000, 'x') + "\"]}"));
  EXPECT_GT(filter_of(R"({"taskIds":["abc"]})")->bytes(), filter_of("{}")->bytes());
}

TEST(ListenFilter, WhatWasNotAskedForIsAViolation) {
  HttpHarness h;
  const auto stream = h.post(
      modern("6", "subscriptions/listen", R"("notifications":{"toolsListChanged":true})"), kModern);
  h.head(*stream, 200, kStreamType);
  const auto send = [&](const std::string& method, const std::string& subscription) {
    h.sse(*stream, R"({"jsonrpc":"2.0","method":")" + method +
                       R"(","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":)" +
                       subscription + "}}}");
  };
  send("notifications/subscriptions/acknowledged", "6");
  send("notifications/tools/list_changed", "6");
  EXPECT_EQ(h.count("mcp-protocol-violation"), 0U);
  send("notifications/prompts/list_changed", "6");
  EXPECT_EQ(
      h.only("mcp-protocol-violation").at("details.violations"),
      R"([{"kind":"unsolicited_notification","where":"notifications/prompts/list_changed"}])");
}

TEST(ListenFilter, AStreamIsItsSubscriptionWhateverANotificationSays) {
  HttpHarness h;
  const auto stream = h.post(
      modern("6", "subscriptions/listen", R"("notifications":{"toolsListChanged":true})"), kModern);
  h.head(*stream, 200, kStreamType);
  const auto violations_after = [&](const std::string& method, const std::string& params) {
    h.sse(*stream, R"({"jsonrpc":"2.0","method":")" + method + R"(","params":)" + params + "}");
    return h.count("mcp-protocol-violation");
  };
  const auto of = [](const std::string& id) {
    return R"({"_meta":{"io.modelcontextprotocol/subscriptionId":)" + id + "}}";
  };
  EXPECT_EQ(violations_after("notifications/subscriptions/acknowledged", of("6")), 0U);
  EXPECT_EQ(violations_after("notifications/tools/list_changed", of("6")), 0U);
  EXPECT_EQ(violations_after("notifications/message", R"({"level":"info","data":1})"), 0U)
      << "no filter is about these";
  EXPECT_EQ(violations_after("notifications/prompts/list_changed", "{}"), 1U);
  EXPECT_EQ(violations_after("notifications/prompts/list_changed", of("7")), 2U);
  EXPECT_EQ(violations_after("notifications/tools/list_changed", "{}"), 3U)
      << "asked for, but it does not say by whom";
  EXPECT_EQ(violations_after("notifications/tools/list_changed", of("\"6\"")), 4U);
}

TEST(ListenFilter, WithoutAStreamTheIdSaysWhichSubscription) {
  Harness h;
  h.c2s(modern("6", "subscriptions/listen", R"("notifications":{"toolsListChanged":true})"));
  const auto says_violation = [&](const std::string& id) {
    h.all.clear();
    h.s2c(R"({"jsonrpc":"2.0","method":"notifications/prompts/list_changed","params":{"_meta":)"
          R"({"io.modelcontextprotocol/subscriptionId":)" +
          id + "}}}");
    for (const Seen& one : h.all) {
      if (one.says("unsolicited_notification")) return true;
    }
    return false;
  };
  EXPECT_TRUE(says_violation("6"));
  EXPECT_FALSE(says_violation("7"));
}

}  // namespace
}  // namespace tally::record
