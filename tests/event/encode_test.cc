// SPDX-License-Identifier: Apache-2.0
// The written form: member order, omitted fields, escaping.
#include "base/json.h"
#include "event/codec.h"
#include "event/fields.h"
#include "samples.h"

#include <gtest/gtest.h>

namespace tally::event {
namespace {

TEST(Encode, FullEventInTheOrderOfTheDesign) {
  const std::string expected =
      R"({"timestamp":"2026-11-21T19:00:00.123456Z","recorded_at":"2026-11-21T19:00:05.500000Z",)"
      R"("event_id":"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d","event_name":"mcp-tool-execution","event_type":"mcp",)"
      R"("event_action":"execute","event_result":"failure","status":"failed",)"
      R"("interaction_id":"019aa7c2-5b1c-7b11-8a3e-0c9d4e5f6a7b","flow_id":"019aa7c2-5b1c-7b11-8a3e-0c9d4e5f6a7b",)"
      R"("instance":"019aa7c2-0000-7000-8000-000000000000","source":"wrap","severity":"warning",)"
      R"("severity_level":"medium","actor_id":"jäne@example.com","actor_type":"user","actor_verified":true,)"
      R"("actor_ip":"198.51.100.7","actor_user_agent":"ide/2.1 \"nightly\"\n","on_behalf_of":["agent-7","jane"],)"
      R"("target_type":"tool","target_id":"files/read_text_file","target_name":"read_text_file",)"
      R"("request_id":"req-1","session_id":"hmac:k1:9b1f","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736",)"
      R"("api_endpoint":"/mcp","http_method":"POST","duration_ms":3.412,)"
      R"("details":{"jsonrpc_id":7,"big":12345678901234567890.10,"outcome":{"http_status":200,"is_error":true}},)"
      R"("error_message":"Access denied \\ outside \"allowed\" directories","old_values":{"a":1},)"
      R"("new_values":{"a":2},"redactions":[{"path":"details.arguments.token","rule":"key:token","action":"mask"}],)"
      R"("x_vendor":{"k":[1,2.50]},"café\"":null})";
  EXPECT_EQ(encode(full_event()), expected);
}

TEST(Encode, AbsentFieldsAreLeftOut) {
  Event e;
  e.event_id = "i";
  e.event_name = "n";
  e.event_action = "a";
  EXPECT_EQ(
      encode(e),
      R"({"timestamp":"1970-01-01T00:00:00.000000Z","event_id":"i","event_name":"n","event_type":"system",)"
      R"("event_action":"a","event_result":"success","status":"succeeded","severity":"info",)"
      R"("severity_level":"medium"})");
}

TEST(Encode, VerifiedIsATruthValueOrClaimed) {
  Event e;
  e.actor_verified = ActorVerified::no;
  EXPECT_NE(encode(e).find(R"("actor_verified":false)"), std::string::npos);
  e.actor_verified = ActorVerified::claimed;
  EXPECT_NE(encode(e).find(R"("actor_verified":"claimed")"), std::string::npos);
}

TEST(Encode, AppendsToWhatIsThere) {
  std::string out = "x";
  encode_to(out, Event{});
  EXPECT_EQ(out.substr(0, 14), R"(x{"timestamp":)");
}

/// Each text grows to six times its size; there is a small event before and after on this thread.
TEST(Encode, EveryTextEscapedInALargeEventStaysInItsRoom) {
  constexpr std::size_t kKept = 64 * 1'024;
  Event small;
  small.event_id = "small";
  const std::string small_line = encode(small);
  EXPECT_LE(encode_room_bytes(), kKept);
  for (const std::size_t size : {1, 100, 5'000}) {
    const std::string text(size, '\x01');
    Event e = full_event();
    e.event_id = e.event_name = e.event_action = text;
    for (auto* each :
         {&e.interaction_id, &e.flow_id, &e.instance, &e.source, &e.actor_id, &e.actor_ip,
          &e.actor_user_agent, &e.target_type, &e.target_id, &e.target_name, &e.request_id,
          &e.session_id, &e.trace_id, &e.api_endpoint, &e.http_method, &e.error_message}) {
      *each = text;
    }
    e.on_behalf_of = {text, text, text};
    e.redactions = {{text, text, text}, {text, text, text}};
    e.unknown = {{text, "1"}, {text + "2", R"("x")"}};
    const std::string line = encode(e);
    EXPECT_GT(line.size(), 25 * 6 * size);
    EXPECT_LE(encode_room_bytes(), kKept) << "memory of a large event is kept";
    EXPECT_EQ(encode(small), small_line);
    const auto decoded = decode(line);
    ASSERT_TRUE(decoded) << decoded.error().detail;
    EXPECT_EQ(decoded->event.event_id, text);
    EXPECT_EQ(decoded->event.error_message, text);
    EXPECT_EQ(decoded->event.on_behalf_of, e.on_behalf_of);
    ASSERT_EQ(decoded->event.redactions.size(), 2U);
    EXPECT_EQ(decoded->event.redactions[1].action, text);
    ASSERT_EQ(decoded->event.unknown.size(), 2U);
    EXPECT_EQ(decoded->event.unknown[1].key, text + "2");
    EXPECT_EQ(encode(decoded->event), line);
  }
}

TEST(Encode, AnyTextGivesStrictJsonInFieldOrder) {
  EventMaker make(1);
  json::Document document;
  for (int i = 0; i < 500; ++i) {
    Event e = make.next();
    e.actor_id = "broken \xFF utf-8 \xED\xA0\x80";
    const std::string line = encode(e);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto root = document.parse(line);
    ASSERT_TRUE(root) << root.error().detail << "\n" << line;
    int last = 0;
    for (const json::Value member : root->children()) {
      const auto field = field_of(member.key());
      const int position = field ? static_cast<int>(*field) : static_cast<int>(kFieldCount);
      EXPECT_LE(last, position) << line;
      last = position;
    }
  }
}

}  // namespace
}  // namespace tally::event
