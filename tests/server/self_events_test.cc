// SPDX-License-Identifier: Apache-2.0
#include "server/self_events.h"

#include "base/json.h"
#include "event/codec.h"
#include "storage/process_identity.h"

#include <gtest/gtest.h>

namespace tally::server {
namespace {

class SelfEventsTest : public ::testing::Test {
 protected:
  UuidSource uuids_{system_clock(), system_random()};
  SelfEvents events_{system_clock(), uuids_, "instance", "serve", "example.com/log"};
  Caller caller_{access::Principal{"0123456789ab", "nightly", access::Role::auditor, {}},
                 "192.0.2.1", "curl/8", "GET", "/api/audit/logs"};
};

TEST_F(SelfEventsTest, EveryOneIsAnEventThatTheLogTakes) {
  access::TokenRecord token{"0123456789ab", "nightly", access::Role::auditor, {}, {}, {}, ""};
  ASSERT_TRUE(token.scope.add("server=files"));
  for (const event::Event& event :
       {events_.started("1.0"), events_.started("1.0", "abc"), events_.stopped("1.0", "signal"),
        events_.settings_changed("abc", "def"), events_.settings_changed("abc", "def", {"listen"}),
        events_.reloaded({.changed = {"policy_file"}, .needs_restart = {"listen"}}),
        events_.not_reloaded({}, "FILE:1:2: no"),
        events_.checked(fail(Errc::io, "/log/x is gone"), "/log", true),
        events_.accessed(caller_, "search", R"({"q":"x"})", 3),
        events_.export_begun(caller_, "csv", "{}", 10),
        events_.export_ended(events_.export_begun(caller_, "csv", "{}", 10), {.sha256 = "00"}),
        events_.not_admitted(caller_, 401, "unknown"), events_.forbidden(caller_, "role"),
        events_.token_created(token, "jane"), events_.token_revoked(token, "jane")}) {
    const std::string line = event::encode(event);
    const auto back = event::decode(line);
    ASSERT_TRUE(back) << line << back.error().detail;
    EXPECT_EQ(back->event, event) << line;
    EXPECT_EQ(event.source, "serve");
    EXPECT_TRUE(is_uuid(event.event_id));
  }
}

TEST_F(SelfEventsTest, TheStartNamesTheProcess) {
  const std::string details = events_.started("1.0").details;
  EXPECT_NE(
      details.find("\"instance_process\":" + storage::to_json(storage::own_process_identity())),
      std::string::npos)
      << details;
}

TEST_F(SelfEventsTest, SayWhoDidWhat) {
  const event::Event access = events_.accessed(caller_, "search", R"({"q":"x"})", 3);
  EXPECT_EQ(access.event_name, "audit-log-access");
  EXPECT_EQ(access.actor_id, "token:0123456789ab");
  EXPECT_EQ(access.actor_type, event::ActorType::api_key);
  EXPECT_EQ(access.target_id, "example.com/log");
  EXPECT_EQ(access.details,
            R"({"operation":"search","query":{"q":"x"},"count":3,"token_name":"nightly"})");
  Caller nobody = caller_;
  nobody.principal.reset();
  const event::Event refused = events_.not_admitted(nobody, 429, "too-many");
  EXPECT_EQ(refused.event_result, event::EventResult::denied);
  EXPECT_EQ(refused.actor_type, event::ActorType::anonymous);
  EXPECT_EQ(refused.actor_id, std::nullopt);
  EXPECT_FALSE(operating_system_user().empty());
}

TEST_F(SelfEventsTest, AFailedCheckIsCriticalWhateverItsOutcome) {
  log::VerifyReport report;
  report.span = {0, 10};
  report.size = 10;
  EXPECT_EQ(events_.checked(report, "/log", false).event_name, "audit-log-integrity-check");
  report.entries_altered = 1;
  report.problems = {{log::ProblemKind::entry_altered, 3, std::nullopt, "/log/segments/x: bad"}};
  const event::Event failed = events_.checked(report, "/log", false);
  EXPECT_EQ(failed.event_name, "audit-log-integrity-failure");
  EXPECT_EQ(failed.severity, event::Severity::critical);
  EXPECT_EQ(failed.event_result, event::EventResult::failure);
  EXPECT_EQ(failed.error_message,
            "1 entries are changed or missing, and 0 other things do not agree: segments/x: bad");
  const event::Event unread = events_.checked(fail(Errc::io, "/log/head: gone"), "/log", true);
  EXPECT_EQ(unread.event_result, event::EventResult::error);
  EXPECT_EQ(unread.severity, event::Severity::critical);
  EXPECT_EQ(unread.error_message, "head: gone");
}

TEST_F(SelfEventsTest, AnExportIsToldOfTwice) {
  const event::Event begun = events_.export_begun(caller_, "csv", R"({"q":"x"})", 10);
  EXPECT_EQ(begun.event_result, event::EventResult::pending);
  EXPECT_EQ(begun.status, event::Status::initiated);
  EXPECT_EQ(begun.details,
            R"({"format":"csv","query":{"q":"x"},"size":10,"token_name":"nightly"})");
  const event::Event whole = events_.export_ended(begun, {.count = 3, .bytes = 99, .sha256 = "00"});
  EXPECT_EQ(whole.interaction_id, begun.interaction_id);
  EXPECT_NE(whole.event_id, begun.event_id);
  EXPECT_EQ(whole.event_result, event::EventResult::success);
  EXPECT_EQ(
      whole.details,
      R"({"format":"csv","query":{"q":"x"},"size":10,"token_name":"nightly","count":3,"bytes":99,"complete":true,"sha256":"00"})");
  const event::Event cut = events_.export_ended(begun, {.reason = "disconnected"});
  EXPECT_EQ(cut.event_result, event::EventResult::unknown);
  EXPECT_NE(cut.details.find(R"("complete":false,"outcome":{"reason":"disconnected"})"),
            std::string::npos)
      << cut.details;
  const event::Event broken = events_.export_ended(
      begun, {.reason = "log-error", .error = "/log/x: e", .directory = "/log"});
  EXPECT_EQ(broken.event_result, event::EventResult::error);
  EXPECT_EQ(broken.error_message, "x: e");
  EXPECT_EQ(events_.export_ended(begun, {.reason = "token-revoked", .refused = true}).event_result,
            event::EventResult::denied);
}

}  // namespace
}  // namespace tally::server
