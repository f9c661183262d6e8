// SPDX-License-Identifier: Apache-2.0
// Events, time and randomness for the tests of event/, redact/ and index/.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "event/event.h"

#include <cstdint>
#include <random>
#include <string>

namespace tally::event {

class FixedClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override { return time; }
  [[nodiscard]] MonoTime mono() const override { return {}; }
  WallTime time = *parse_time("2026-11-21T19:00:01.000002Z");
};

class SeededRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override {
    for (std::byte& b : out) b = static_cast<std::byte>(engine_());
  }

 private:
  std::mt19937 engine_{7};
};

/// Every field set, with characters that need escaping.
inline Event full_event() {
  Event e;
  e.timestamp = *parse_time("2026-11-21T19:00:00.123456Z");
  e.recorded_at = *parse_time("2026-11-21T19:00:05.5Z");
  e.event_id = "019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d";
  e.event_name = "mcp-tool-execution";
  e.event_type = EventType::mcp;
  e.event_action = "execute";
  e.event_result = EventResult::failure;
  e.status = Status::failed;
  e.interaction_id = "019aa7c2-5b1c-7b11-8a3e-0c9d4e5f6a7b";
  e.flow_id = "019aa7c2-5b1c-7b11-8a3e-0c9d4e5f6a7b";
  e.instance = "019aa7c2-0000-7000-8000-000000000000";
  e.source = "wrap";
  e.severity = Severity::warning;
  e.severity_level = SeverityLevel::medium;
  e.actor_id = "jäne@example.com";
  e.actor_type = ActorType::user;
  e.actor_verified = ActorVerified::yes;
  e.actor_ip = "198.51.100.7";
  e.actor_user_agent = "ide/2.1 \"nightly\"\n";
  e.on_behalf_of = {"agent-7", "jane"};
  e.target_type = "tool";
  e.target_id = "files/read_text_file";
  e.target_name = "read_text_file";
  e.request_id = "req-1";
  e.session_id = "hmac:k1:9b1f";
  e.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  e.api_endpoint = "/mcp";
  e.http_method = "POST";
  e.duration = std::chrono::microseconds{3412};
  e.details =
      R"({"jsonrpc_id":7,"big":12345678901234567890.10,"outcome":{"http_status":200,"is_error":true}})";
  e.error_message = "Access denied \\ outside \"allowed\" directories";
  e.old_values = R"({"a":1})";
  e.new_values = R"({"a":2})";
  e.redactions = {{"details.arguments.token", "key:token", "mask"}};
  e.unknown = {{"x_vendor", R"({"k":[1,2.50]})"}, {"caf\u00e9\"", "null"}};
  return e;
}

/// A random event: each optional field there or not, texts with all kinds of characters.
class EventMaker {
 public:
  explicit EventMaker(std::uint32_t seed) : random_(seed) {}

  Event next() {
    Event e;
    e.timestamp = WallTime(std::chrono::microseconds(
        std::uniform_int_distribution<std::int64_t>(0, 4'102'444'800'000'000)(random_)));
    if (coin()) e.recorded_at = e.timestamp + std::chrono::microseconds(pick(1'000'000));
    e.event_id = "019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d";
    e.event_name = word();
    e.event_type = static_cast<EventType>(pick(9));
    e.event_action = word();
    e.event_result = static_cast<EventResult>(pick(7));
    e.status = static_cast<Status>(pick(3));
    e.severity = static_cast<Severity>(pick(5));
    e.severity_level = static_cast<SeverityLevel>(pick(4));
    if (coin()) e.actor_type = static_cast<ActorType>(pick(5));
    if (coin()) e.actor_verified = static_cast<ActorVerified>(pick(3));
    for (std::optional<std::string>* text :
         {&e.interaction_id, &e.flow_id, &e.instance, &e.source, &e.actor_id, &e.actor_ip,
          &e.actor_user_agent, &e.target_type, &e.target_id, &e.target_name, &e.request_id,
          &e.session_id, &e.trace_id, &e.api_endpoint, &e.http_method, &e.error_message}) {
      if (coin()) *text = this->text();
    }
    for (unsigned i = pick(3); i > 0; --i) e.on_behalf_of.push_back(text());
    if (coin()) e.duration = std::chrono::microseconds(pick(1'000'000'000));
    if (coin()) e.details = R"({"n":[1,{"deep":"x"},-0.5e+10],"t":"\u001b"})";
    if (coin()) e.old_values = "{}";
    if (coin()) e.new_values = R"({"value":null})";
    for (unsigned i = pick(3); i > 0; --i) e.redactions.push_back({text(), word(), "mask"});
    for (unsigned i = pick(3); i > 0; --i)
      e.unknown.push_back({"x" + std::to_string(i) + text(), "[true]"});
    return e;
  }

  unsigned pick(unsigned bound) {
    return std::uniform_int_distribution<unsigned>(0, bound - 1)(random_);
  }
  bool coin() { return pick(2) == 0; }
  std::string word() {
    std::string out;
    for (unsigned i = 1 + pick(12); i > 0; --i) out += static_cast<char>('a' + pick(26));
    return out;
  }
  std::string text() {
    static const char* const kPieces[] = {"a",  "Z", "\"", "\\", "\n",   "\x01", "é",
                                          "漢", "😀", "/",  " ",  "\x7f", "{",    ","};
    std::string out;
    for (unsigned i = pick(20); i > 0; --i) out += kPieces[pick(std::size(kPieces))];
    return out;
  }

 private:
  std::mt19937 random_;
};

}  // namespace tally::event
