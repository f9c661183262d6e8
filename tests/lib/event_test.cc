// SPDX-License-Identifier: Apache-2.0
#include "lib/event.h"

#include "event/event.h"
#include "tallystick/event.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace tallystick {
namespace {

using std::chrono::microseconds;

TEST(to_json, writes_only_what_is_set) {
  EXPECT_EQ(*to_json(Event{}), "{}");
  Event event;
  event.event_name = "auth-login";
  event.seq = 4;  // ours, like the next three
  event.instance = "x";
  event.source = "y";
  event.recorded_at = Time(microseconds(1));
  EXPECT_EQ(*to_json(event), R"({"event_name":"auth-login"})");
}

TEST(to_json, writes_every_field) {
  Event event;
  event.timestamp = Time(microseconds(1'500'000));
  event.event_id = "019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d";
  event.event_name = "n";
  event.event_type = EventType::admin;
  event.event_action = "update";
  event.event_result = EventResult::denied;
  event.status = Status::failed;
  event.interaction_id = "i";
  event.flow_id = "f";
  event.severity = Severity::error;
  event.severity_level = SeverityLevel::high;
  event.actor_id = "al\"ice";
  event.actor_type = ActorType::api_key;
  event.actor_verified = ActorVerified::claimed;
  event.actor_ip = "192.0.2.1";
  event.actor_user_agent = "u";
  event.on_behalf_of = {"a", "b"};
  event.target_type = "tool";
  event.target_id = "s/t";
  event.target_name = "t";
  event.request_id = "r";
  event.session_id = "s";
  event.trace_id = "c";
  event.api_endpoint = "/mcp";
  event.http_method = "POST";
  event.duration = microseconds(3412);
  event.details = " {\"a\": 1} ";
  event.error_message = "e";
  event.old_values = "{}";
  event.new_values = "{\"b\":2}";
  event.redactions = {{"details.a", "key:a", "mask"}};
  event.other = {{"extra", "[1,2]"}};
  EXPECT_EQ(
      *to_json(event),
      R"({"timestamp":"1970-01-01T00:00:01.500000Z","event_id":"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d",)"
      R"("event_name":"n","event_type":"admin","event_action":"update","event_result":"denied",)"
      R"("status":"failed","interaction_id":"i","flow_id":"f","severity":"error",)"
      R"("severity_level":"high","actor_id":"al\"ice","actor_type":"api_key",)"
      R"("actor_verified":"claimed","actor_ip":"192.0.2.1","actor_user_agent":"u",)"
      R"("on_behalf_of":["a","b"],"target_type":"tool","target_id":"s/t","target_name":"t",)"
      R"("request_id":"r","session_id":"s","trace_id":"c","api_endpoint":"/mcp",)"
      R"("http_method":"POST","duration_ms":3.412,"details":{"a": 1},"error_message":"e",)"
      R"("old_values":{},"new_values":{"b":2},)"
      R"("redactions":[{"path":"details.a","rule":"key:a","action":"mask"}],"extra":[1,2]})");
  // What was written reads back the same, but for white space around JSON.
  Event back = parse_event(*to_json(event)).value();
  event.details = "{\"a\": 1}";
  EXPECT_EQ(back, event);
}

TEST(to_json, keeps_raw_json_within_its_member) {
  for (const char* const details :
       {R"({},"actor_id":"mallory")", "{", "}", "", R"({"a":1}})", "nonsense"}) {
    Event event;
    event.event_name = "n";
    event.other = {{"x", details}};
    const auto json = to_json(event);
    ASSERT_FALSE(json.ok()) << details;
    EXPECT_EQ(json.error().code, Errc::malformed);
    EXPECT_EQ(json.error().detail.find("x: "), 0U) << json.error().detail;
    EXPECT_EQ(json.error().detail.find("mallory"), std::string::npos);
  }
}

TEST(to_json, refuses_times_and_durations_out_of_range) {
  Event event;
  event.timestamp = Time(microseconds(-1));
  EXPECT_EQ(to_json(event).error().code, Errc::invalid_argument);
  event.timestamp = Time(std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1});
  EXPECT_EQ(to_json(event).error().code, Errc::invalid_argument);
  event.timestamp = *event.timestamp - microseconds(1);
  EXPECT_EQ(*to_json(event), R"({"timestamp":"9999-12-31T23:59:59.999999Z"})");
  event.duration = microseconds(-1);
  EXPECT_EQ(to_json(event).error().code, Errc::invalid_argument);
}

/// Every value of a public enum is written as the text of the value at the same place of ours.
template <class Ours, class Theirs>
void expect_texts(const std::string& name, std::optional<Theirs> Event::*field, Ours last) {
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    Event event;
    event.*field = static_cast<Theirs>(i);
    EXPECT_EQ(*to_json(event),
              "{\"" + name + "\":\"" + std::string(to_text(static_cast<Ours>(i))) + "\"}");
    EXPECT_EQ(parse_event(*to_json(event)).value().*field, static_cast<Theirs>(i));
  }
}

TEST(to_json, writes_every_word_of_every_list) {
  namespace e = tally::event;
  expect_texts("event_type", &Event::event_type, e::EventType::audit);
  expect_texts("event_result", &Event::event_result, e::EventResult::unknown);
  expect_texts("status", &Event::status, e::Status::failed);
  expect_texts("severity", &Event::severity, e::Severity::critical);
  expect_texts("severity_level", &Event::severity_level, e::SeverityLevel::critical);
  expect_texts("actor_type", &Event::actor_type, e::ActorType::anonymous);
  // By name, so that a list in another order shows.
  Event event;
  event.event_type = EventType::mcp;
  event.event_result = EventResult::deferred;
  event.severity = Severity::warning;
  event.severity_level = SeverityLevel::medium;
  event.actor_type = ActorType::service;
  event.actor_verified = ActorVerified::yes;
  EXPECT_EQ(*to_json(event),
            R"({"event_type":"mcp","event_result":"deferred","severity":"warning",)"
            R"("severity_level":"medium","actor_type":"service","actor_verified":true})");
}

TEST(parse_event, reads_a_line) {
  const Event event =
      parse_event(
          R"({"seq":41,"timestamp":"2026-11-21T19:00:00.123456Z","event_name":"n","source":"wrap",)"
          R"("instance":"p","recorded_at":"2026-11-21T19:00:01.000000Z","actor_verified":false,)"
          R"("newer":{"x":1}})")
          .value();
  EXPECT_EQ(event.seq, 41U);
  EXPECT_EQ(event.source, "wrap");
  EXPECT_EQ(event.instance, "p");
  EXPECT_EQ(event.actor_verified, ActorVerified::no);
  EXPECT_EQ(*event.recorded_at - *event.timestamp, microseconds(876'544));
  EXPECT_EQ(event.other, (std::vector<Member>{{"newer", R"({"x":1})"}}));
}

TEST(parse_event, says_what_is_wrong) {
  EXPECT_EQ(parse_event("no").error().code, Errc::malformed);
  const auto wrong = parse_event(R"({"severity":"loud"})");
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.error().detail.find("severity"), std::string::npos);
}

}  // namespace
}  // namespace tallystick
