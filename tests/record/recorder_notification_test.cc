// SPDX-License-Identifier: Apache-2.0
// Notifications: one record each, joined to what they are about.
#include "record/harness.h"
#include "record/recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::record {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string tools_call(std::string_view id, std::string_view tool,
                       std::string_view arguments = "{}") {
  return R"({"jsonrpc":"2.0","id":)" + std::string(id) +
         R"(,"method":"tools/call","params":{"name":")" + std::string(tool) + R"(","arguments":)" +
         std::string(arguments) + "}}";
}

TEST(RecorderNotification, CancelledAndNeverAnswered) {
  Harness h;
  h.c2s(tools_call("1", "act"));
  const std::string interaction = h.last().at("interaction_id");
  h.all.clear();
  h.c2s(
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"reason":"bored"}})");
  EXPECT_THAT(h.all_briefs(), ElementsAre("notifications/cancelled succeeded/success"));
  EXPECT_EQ(h.last().at("details.cancels"), interaction);
  EXPECT_EQ(h.last().at("details.cancelled_id"), "1");
  EXPECT_EQ(h.last().at("details.reason"), "bored");
  EXPECT_THAT(h.recorder.on_tick(h.now()), IsEmpty());
  h.wait(kCancelGrace + std::chrono::seconds{1});
  const auto closed = seen(h.recorder.on_tick(h.now()));
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].brief(), "tools/call failed/unknown");
  EXPECT_EQ(closed[0].at("details.outcome.reason"), "cancelled");
  EXPECT_EQ(closed[0].at("interaction_id"), interaction);
}

TEST(RecorderNotification, CancelledAndAnsweredAllTheSame) {
  Harness h;
  h.c2s(tools_call("1", "act"));
  h.c2s(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
  h.all.clear();
  h.s2c(R"({"jsonrpc":"2.0","id":1,"result":{"content":[]}})");
  EXPECT_THAT(h.all_briefs(), ElementsAre("tools/call succeeded/success"));
  EXPECT_EQ(h.last().at("details.cancelled"), "true");
  h.wait(std::chrono::hours{1});
  EXPECT_THAT(h.recorder.on_tick(h.now()), IsEmpty());
}

TEST(RecorderNotification, CancelledButTheProcessEndsFirst) {
  Harness h;
  h.c2s(tools_call("1", "act"));
  h.c2s(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
  const auto last = seen(h.recorder.on_process_exit({}, h.now()));
  EXPECT_EQ(last[0].at("details.outcome.reason"), "cancelled");
}

TEST(RecorderNotification, TheServerMayEndASubscription) {
  Harness h;
  h.c2s(R"({"jsonrpc":"2.0","id":"l","method":"subscriptions/listen","params":{)" +
        std::string(kStateless) + "}}");
  EXPECT_THAT(h.all_briefs(), ElementsAre("subscriptions/listen initiated/pending"));
  const std::string interaction = h.last().at("interaction_id");
  h.s2c(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"l"}})");
  EXPECT_EQ(h.last().at("details.cancels"), interaction);
  // But it cannot cancel another request of the client.
  h.c2s(R"({"jsonrpc":"2.0","id":"p","method":"prompts/list","params":{)" +
        std::string(kStateless) + "}}");
  h.s2c(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"p"}})");
  EXPECT_EQ(h.last().at("details.cancels"), "");
}

TEST(RecorderNotification, ProgressIsCounted) {
  Harness h;
  h.c2s(
      R"({"jsonrpc":"2.0","id":1,"method":"prompts/list","params":{"_meta":{"progressToken":5}}})");
  for (int i = 0; i < 3; ++i) {
    h.s2c(
        R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":5,"progress":1,"total":3}})");
  }
  const std::string of = h.last().at("details.progress_of");
  h.s2c(
      R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":6,"progress":1}})");
  EXPECT_EQ(h.last().at("details.progress_of"), "");
  h.s2c(R"({"jsonrpc":"2.0","id":1,"result":{"prompts":[]}})");
  EXPECT_EQ(h.last().at("details.progress_notifications"), "3");
  EXPECT_EQ(h.last().at("interaction_id"), of);
}

TEST(RecorderNotification, ACallWithoutAnIdIsHeldAndDropped) {
  Harness h;
  Observation o = h.c2s(
      R"({"jsonrpc":"2.0","method":"tools/call","params":{"name":"act","arguments":{"a":1}}})");
  EXPECT_TRUE(o.must_wait);
  EXPECT_EQ(o.refusal, "");
  EXPECT_THAT(briefs(o.after), ElementsAre("tools/call succeeded/success"));
  bool initiated = false;
  for (const Seen& s : seen(o.before)) {
    if (s.brief() != "tools/call initiated/pending") continue;
    initiated = true;
    EXPECT_EQ(s.at("interaction_id"), Seen(o.after[0]).at("interaction_id"));
    EXPECT_EQ(s.at("details.arguments"), R"({"a":1})");
  }
  EXPECT_TRUE(initiated);
  const auto closed = seen(h.recorder.not_forwarded(std::move(o), h.now()));
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].brief(), "tools/call failed/denied");
  EXPECT_EQ(closed[0].at("details.arguments"), R"({"a":1})");
}

}  // namespace
}  // namespace tally::record
