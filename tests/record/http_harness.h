// SPDX-License-Identifier: Apache-2.0
// An HTTP recorder with fixed time, ids and key, and exchanges driven as a proxy would.
#pragma once

#include "identity/identity.h"
#include "record/credential_table.h"
#include "record/harness.h"
#include "record/http_exchange.h"
#include "record/http_recorder.h"

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tally::record {

using Headers = std::vector<std::pair<std::string, std::string>>;

inline http::FieldList field_list(const Headers& headers) {
  http::FieldList out;
  for (const auto& [name, value] : headers) out.add(name, value);
  return out;
}

inline Headers operator+(Headers a, const Headers& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline const Headers kJsonType{{"Content-Type", "application/json"}};
inline const Headers kStreamType{{"Content-Type", "text/event-stream"}};

class HttpHarness {
 public:
  explicit HttpHarness(HttpRecorderOptions options = default_options(), identity::Options who = {})
      : recorder(std::move(options), std::move(*identity::Identifier::make(std::move(who), digest)),
                 uuids_, digest) {}

  static HttpRecorderOptions default_options() {
    HttpRecorderOptions out;
    out.instance = "instance-1";
    out.server_name = "files";
    out.upstream_host = "127.0.0.1:3001";
    return out;
  }

  [[nodiscard]] mcp::Moment now() const { return mcp::moment_of(clock); }
  void wait(std::chrono::microseconds time) { clock.since += time; }
  void add(const Events& events) {
    for (const event::Event& e : events) all.emplace_back(e);
  }

  std::unique_ptr<HttpExchange> begin(std::string_view method, std::string_view target,
                                      const Headers& headers = {}, bool has_body = false) {
    wait(std::chrono::milliseconds{1});
    http::RequestHead head;
    head.method = method;
    head.target = target;
    head.fields = field_list(Headers{{"Host", "mcp.example"}} + headers);
    return recorder.begin(head, has_body, "198.51.100.7", now());
  }
  /// A POST with a JSON body, up to its verdict.
  std::unique_ptr<HttpExchange> post(std::string_view body, const Headers& headers = {},
                                     std::string_view target = "/mcp") {
    auto exchange = begin("POST", target, kJsonType + headers, true);
    take(exchange->on_request_body(body, now()));
    return exchange;
  }
  std::unique_ptr<HttpExchange> get(std::string_view target, const Headers& headers = {}) {
    auto exchange = begin("GET", target, headers);
    take(exchange->on_request(now()));
    return exchange;
  }
  void take(Verdict given) {
    verdict = std::move(given);
    add(verdict.events);
  }
  void head(HttpExchange& exchange, int status, const Headers& headers = {}) {
    wait(std::chrono::milliseconds{1});
    http::ResponseHead response;
    response.status = status;
    response.fields = field_list(headers);
    add(exchange.on_response_head(response, now()));
  }
  void body(HttpExchange& exchange, std::string_view text) {
    if (exchange.tee_plan() == TeePlan::json) add(exchange.on_response_body(text, now()));
  }
  void sse(HttpExchange& exchange, std::string_view data, std::string_view id = {},
           std::string_view type = "message") {
    wait(std::chrono::milliseconds{1});
    http::StreamEvent event;
    event.type = type;
    event.data = data;
    event.id = id;
    add(exchange.on_event(event, now()));
  }
  void end(HttpExchange& exchange, HttpEnd how = HttpEnd::complete,
           std::optional<int> answered = {}) {
    wait(std::chrono::milliseconds{1});
    add(exchange.on_end({how, answered, 0}, now()));
  }
  /// A POST answered with one JSON body.
  void call(std::string_view request, std::string_view response, const Headers& headers = {},
            int status = 200, const Headers& reply = {}) {
    const auto exchange = post(request, headers);
    head(*exchange, status, kJsonType + reply);
    body(*exchange, response);
    end(*exchange);
  }
  /// A handshake that opens the session `id`; its records are forgotten.
  void initialize(const std::string& id, const Headers& headers = {},
                  std::string_view version = "2025-11-25") {
    call(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":")" +
             std::string(version) + R"(","capabilities":)" + std::string(kClientCapabilities) +
             R"(,"clientInfo":{"name":"ide","version":"2.1"}}})",
         R"({"jsonrpc":"2.0","id":0,"result":{"protocolVersion":")" + std::string(version) +
             R"(","capabilities":)" + std::string(kServerCapabilities) +
             R"(,"serverInfo":{"name":"fs","version":"0.2.0"}}})",
         headers, 200, {{"Mcp-Session-Id", id}});
    all.clear();
  }

  [[nodiscard]] std::vector<std::string> briefs() const {
    std::vector<std::string> out;
    for (const Seen& s : all) out.push_back(s.brief());
    return out;
  }
  [[nodiscard]] const Seen& last() const { return all.back(); }
  /// The only record of this name.
  [[nodiscard]] const Seen& only(std::string_view name) const {
    const Seen* found = nullptr;
    for (const Seen& s : all) {
      if (s.event.event_name != name) continue;
      TALLY_CHECK(found == nullptr);
      found = &s;
    }
    TALLY_CHECK(found != nullptr);
    return *found;
  }
  [[nodiscard]] std::size_t count(std::string_view name) const {
    std::size_t n = 0;
    for (const Seen& s : all) n += s.event.event_name == name ? 1 : 0;
    return n;
  }
  [[nodiscard]] bool anything_says(std::string_view text) const {
    for (const Seen& s : all) {
      if (s.says(text)) return true;
    }
    return false;
  }

  FixedClock clock;
  redact::KeyedDigest digest{as_bytes("0123456789abcdef0123456789abcdef")};
  std::vector<Seen> all;
  Verdict verdict;

 private:
  CountingRandom random_;
  UuidSource uuids_{clock, random_};

 public:
  HttpRecorder recorder;
};

inline Headers in_session(const std::string& id) { return {{"Mcp-Session-Id", id}}; }

inline std::string rpc(std::string_view id, std::string_view method,
                       std::string_view params = "{}") {
  return R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"method":")" + std::string(method) +
         R"(","params":)" + std::string(params) + "}";
}
inline std::string answer(std::string_view id, std::string_view result = "{}") {
  return R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"result":)" + std::string(result) +
         "}";
}
inline std::string note(std::string_view method) {
  return R"({"jsonrpc":"2.0","method":")" + std::string(method) + "\"}";
}
/// A request of 2026-07-28.
inline std::string modern(std::string_view id, std::string_view method,
                          std::string_view params = "") {
  return rpc(
      id, method,
      "{" + std::string(params) + (params.empty() ? "" : ",") + std::string(kStateless) + "}");
}
inline const Headers kModern{{"MCP-Protocol-Version", "2026-07-28"}};

}  // namespace tally::record
