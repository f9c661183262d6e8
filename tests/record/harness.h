// SPDX-License-Identifier: Apache-2.0
// A recorder with fixed time, ids and key, fed with lines; what it says comes back as plain JSON.
#pragma once

#include "base/check.h"
#include "base/json.h"
#include "base/random.h"
#include "event/codec.h"
#include "record/recorder.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::record {

/// Time that only moves when told to.
class FixedClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override { return WallTime{} + since; }
  [[nodiscard]] MonoTime mono() const override { return MonoTime{} + since; }
  std::chrono::microseconds since{1'795'295'000'000'000};
};

/// Bytes that count up.
class CountingRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override {
    for (std::byte& b : out) b = static_cast<std::byte>(next_++);
  }

 private:
  unsigned next_ = 1;
};

/// What a client and a server can declare, all of it.
inline constexpr std::string_view kClientCapabilities =
    R"({"roots":{"listChanged":true},"sampling":{"tools":{}},)"
    R"("elicitation":{"form":{},"url":{}},"tasks":{"list":{},"cancel":{},)"
    R"("requests":{"sampling":{"createMessage":{}},"elicitation":{"create":{}}}}})";
inline constexpr std::string_view kServerCapabilities =
    R"({"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},)"
    R"("prompts":{"listChanged":true},"completions":{},"logging":{},)"
    R"("tasks":{"list":{},"cancel":{},"requests":{"tools":{"call":{}}}}})";

/// An event as its JSON, with access by path: at("details.outcome.is_error") gives raw text, ""
/// when absent.
class Seen {
 public:
  explicit Seen(const event::Event& e) : event(e), json(event::encode(e)) {}
  [[nodiscard]] std::string at(std::string_view path) const {
    json::Document document;
    auto value = document.parse(std::string_view(json));
    TALLY_CHECK(value.has_value());
    std::optional<json::Value> here = *value;
    while (here && !path.empty()) {
      const std::size_t dot = path.find('.');
      here = here->find(path.substr(0, dot));
      path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    }
    if (!here) return {};
    return here->is(json::Kind::string) ? here->text() : std::string(here->raw());
  }
  [[nodiscard]] bool says(std::string_view text) const {
    return json.find(text) != std::string::npos;
  }
  /// "tools/call initiated/pending", or the event's name where there is no method.
  [[nodiscard]] std::string brief() const {
    const std::string method = at("details.method");
    return (method.empty() ? at("event_name") : method) + ' ' + at("status") + '/' +
           at("event_result");
  }

  event::Event event;
  std::string json;
};

inline std::vector<Seen> seen(const std::vector<event::Event>& events) {
  std::vector<Seen> out;
  for (const event::Event& e : events) out.emplace_back(e);
  return out;
}

inline std::vector<std::string> briefs(const std::vector<event::Event>& events) {
  std::vector<std::string> out;
  for (const event::Event& e : events) out.push_back(Seen(e).brief());
  return out;
}

class Harness {
 public:
  explicit Harness(RecorderOptions options = default_options())
      : recorder(std::move(options), uuids_, digest) {}

  static RecorderOptions default_options() {
    RecorderOptions options;
    options.instance = "instance-1";
    options.command = {"npx", "-y", "@scope/server-files@1.2.3", "/data"};
    options.actor = {"jane", event::ActorType::user, event::ActorVerified::yes};
    options.session_id = "hmac:k:session";
    return options;
  }

  [[nodiscard]] mcp::Moment now() const { return mcp::moment_of(clock); }
  void wait(std::chrono::microseconds time) { clock.since += time; }

  /// Feeds one line; everything it says is added to `all` in the order in which it would be
  /// written.
  Observation line(mcp::Direction direction, std::string_view text, bool ended = true) {
    wait(std::chrono::milliseconds{1});
    Observation out = recorder.on_frame(direction, {text, text, ended}, now());
    add(out.before);
    add(out.after);
    return out;
  }
  Observation c2s(std::string_view text) { return line(mcp::Direction::c2s, text); }
  Observation s2c(std::string_view text) { return line(mcp::Direction::s2c, text); }

  void add(const std::vector<event::Event>& events) {
    for (const event::Event& e : events) all.emplace_back(e);
  }
  [[nodiscard]] std::vector<std::string> all_briefs() const {
    std::vector<std::string> out;
    for (const Seen& s : all) out.push_back(s.brief());
    return out;
  }
  /// The last record.
  [[nodiscard]] const Seen& last() const { return all.back(); }

  /// A handshake in this version; its records are forgotten.
  void initialize(std::string_view version) {
    c2s(R"({"jsonrpc":"2.0","id":"init","method":"initialize","params":{"protocolVersion":")" +
        std::string(version) + R"(","capabilities":)" + std::string(kClientCapabilities) +
        R"(,"clientInfo":{"name":"ide","version":"2.1"}}})");
    s2c(R"({"jsonrpc":"2.0","id":"init","result":{"protocolVersion":")" + std::string(version) +
        R"(","capabilities":)" + std::string(kServerCapabilities) +
        R"(,"serverInfo":{"name":"files","version":"0.2.0"}}})");
    all.clear();
  }
  /// Serves one tool with and one without readOnlyHint ("look", "act"); the records are forgotten.
  void serve_tools() {
    c2s(R"({"jsonrpc":"2.0","id":"list","method":"tools/list"})");
    s2c(R"({"jsonrpc":"2.0","id":"list","result":{"tools":[)"
        R"({"name":"look","inputSchema":{},"annotations":{"readOnlyHint":true}},)"
        R"({"name":"act","inputSchema":{}}]}})");
    all.clear();
  }

  FixedClock clock;
  redact::KeyedDigest digest{as_bytes("0123456789abcdef0123456789abcdef")};
  std::vector<Seen> all;

 private:
  CountingRandom random_;
  UuidSource uuids_{clock, random_};

 public:
  Recorder recorder;
};

/// _meta of a 2026-07-28 request.
inline constexpr std::string_view kStateless =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("io.modelcontextprotocol/clientInfo":{"name":"modern-ide","version":"3"}})";

}  // namespace tally::record
