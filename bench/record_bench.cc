// SPDX-License-Identifier: Apache-2.0
// What one proxied call costs without its sockets: heads read and written, judged, recorded, and
// the line with its leaf hash, for the requests of bench/http. The baseline is SHA-256 of the same
// bytes.
//
//   tally_record_bench [KIND] [CALLS]     KIND: read, write, unlisted, object, held; default: all
#include "bench.h"
#include "crypto/hash.h"
#include "event/codec.h"
#include "http/charset.h"
#include "http/content_decoder.h"
#include "http/forward.h"
#include "http/head_parser.h"
#include "record/credential_table.h"
#include "record/http_exchange.h"
#include "record/http_recorder.h"
#include "rest/path_rule.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iterator>
#include <new>

namespace {

std::atomic<std::uint64_t> allocations{0};

}  // namespace

// Counted here, made as ever.
void* operator new(std::size_t bytes) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* const block = std::malloc(bytes);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

namespace {

using namespace tally;

/// One kind of request of load.lua, and what nginx.mjs answers.
struct Kind {
  std::string_view name;
  std::string request;
  std::string body;
  std::string response_body;
};

std::string request_head(std::string_view line, std::size_t body_bytes, bool mcp) {
  std::string head(line);
  head += " HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n";
  if (mcp) head += "Accept: application/json, text/event-stream\r\n";
  if (body_bytes > 0) {
    head +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body_bytes) + "\r\n";
  }
  return head + "\r\n";
}

Kind call(std::string_view tool) {
  std::string body = R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" +
                     std::string(tool) + R"(","arguments":{"message":"hello"}}})";
  std::string head = request_head("POST /mcp", body.size(), true);
  return {tool, std::move(head), std::move(body),
          R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"hello"}]}})"};
}

Kind plain(std::string_view name, std::string_view line, std::string body, bool object) {
  constexpr std::string_view kObject =
      R"({"id":"7","name":"deploy","description":"Deploys what is named","inputSchema":{"type":"object",)"
      R"("properties":{"name":{"type":"string"}}},"annotations":{"readOnlyHint":false},"enabled":true})";
  std::string head = request_head(line, body.size(), false);
  return {name, std::move(head), std::move(body),
          std::string(object ? kObject : std::string_view(call("read").response_body))};
}

std::vector<Kind> kinds() {
  return {call("read"), call("write"), plain("unlisted", "GET /static/app", "", false),
          plain("object", "GET /tools/7", "", true),
          plain("held", "POST /tools/7", R"({"name":"deploy","description":"hello"})", true)};
}

std::string response_head(std::size_t body_bytes) {
  return "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 19:00:00 GMT\r\n"
         "Content-Type: application/json\r\nContent-Length: " +
         std::to_string(body_bytes) + "\r\nConnection: keep-alive\r\n\r\n";
}

/// A proxy without sockets: what src/proxy does with a request and its response.
class Calls {
 public:
  Calls()
      : recorder_(options(), std::move(*identity::Identifier::make({}, digest_)), uuids_, digest_) {
    const std::string list = R"({"jsonrpc":"2.0","id":0,"method":"tools/list"})";
    const std::string tools =
        R"({"jsonrpc":"2.0","id":0,"result":{"tools":[{"name":"read","inputSchema":{"type":"object"},)"
        R"("annotations":{"readOnlyHint":true,"destructiveHint":false}},)"
        R"({"name":"write","inputSchema":{"type":"object"}}]}})";
    make({"list", request_head("POST /mcp", list.size(), true), list, tools});
  }

  void make(const Kind& kind) {
    http::RequestParser parser;
    TALLY_CHECK(parser.feed(kind.request).complete());
    const http::RequestHead head = parser.take();
    const auto exchange = recorder_.begin(head, !kind.body.empty(), "127.0.0.1", now());
    write(request(*exchange, head, kind.body).events);
    http::RequestForwarding how;
    how.framing = http::request_framing(head);
    how.client_address = "127.0.0.1";
    how.request_id = exchange->request_id();
    sent_.clear();
    http::append_forwarded(head, how, sent_);
    answer(*exchange, head, kind.response_body);
    write(exchange->on_end({.response_bytes = kind.response_body.size()}, now()));
  }

  [[nodiscard]] std::uint64_t records() const { return records_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  record::HttpRecorderOptions options() {
    record::HttpRecorderOptions out;
    out.instance = "0198f2c4-0000-7000-8000-000000000000";
    out.server_name = "bench";
    out.upstream_host = "127.0.0.1:8081";
    const auto paths = rest::contextforge_paths();
    out.paths.assign(paths.begin(), paths.end());
    out.credentials = &credentials_;
    return out;
  }
  [[nodiscard]] mcp::Moment now() const { return mcp::moment_of(system_clock()); }

  record::Verdict request(record::HttpExchange& exchange, const http::RequestHead& head,
                          std::string_view body) {
    if (exchange.body_plan() != record::BodyPlan::whole) return exchange.on_request(now());
    TALLY_CHECK(http::content_codings(head.fields)->empty());
    std::string utf8;
    return exchange.on_request_body(http::read_text(body, {}, utf8).text, now());
  }

  void answer(record::HttpExchange& exchange, const http::RequestHead& request,
              std::string_view body) {
    const std::string bytes = response_head(body.size());
    http::ResponseParser parser;
    TALLY_CHECK(parser.feed(bytes).complete());
    const http::ResponseHead head = parser.take();
    http::ResponseForwarding how;
    how.framing = http::response_framing(head, request.method);
    sent_.clear();
    http::append_forwarded(head, how, sent_);
    record::Events events = exchange.on_response_head(head, now());
    if (exchange.tee_plan() != record::TeePlan::none) {
      std::string utf8;
      record::Events more = exchange.on_response_body(http::read_text(body, {}, utf8).text, now());
      if (events.empty()) {
        events = std::move(more);  // as the proxy does
      } else {
        std::ranges::move(more, std::back_inserter(events));
      }
    }
    write(events);
  }

  /// As capture and the log do: text, line, leaf.
  void write(const record::Events& events) {
    for (const event::Event& event : events) {
      auto entry = log::EntryText::from_object(event::encode(event));
      TALLY_CHECK(entry.has_value());
      line_.clear();
      log::append_line(line_, LeafIndex{records_}, entry->object());
      range_.append(hasher_, merkle::as_node(hasher_.leaf(line_)));
      ++records_;
      bytes_ += line_.size();
    }
  }

  redact::KeyedDigest digest_{as_bytes("0123456789abcdef0123456789abcdef")};
  record::CredentialTable credentials_;
  UuidSource uuids_{system_clock(), system_random()};
  record::HttpRecorder recorder_;
  merkle::TreeHasher hasher_{crypto::HashAlgorithm::sha256};
  merkle::CompactRange range_{TreeSize{0}};
  std::string sent_;
  std::string line_;
  std::uint64_t records_ = 0;
  std::uint64_t bytes_ = 0;
};

void measure(const Kind& kind, std::uint64_t count) {
  Calls calls;
  for (int i = 0; i < 100; ++i)
    calls.make(kind);  // caches of the recorder, memory of the allocator
  const std::uint64_t records = calls.records();
  const std::uint64_t bytes = calls.bytes();
  const std::uint64_t before = allocations.load();
  const double time = bench::seconds([&] {
    for (std::uint64_t i = 0; i < count; ++i) calls.make(kind);
  });
  const double each = static_cast<double>(count);
  const auto per_call = [each](std::uint64_t all) { return static_cast<double>(all) / each; };
  const std::string text(kind.request.size() + kind.body.size() + kind.response_body.size() +
                             (calls.bytes() - bytes) / count,
                         'x');
  const double baseline = bench::seconds([&] {
    for (std::uint64_t i = 0; i < count; ++i) static_cast<void>(crypto::sha256(as_bytes(text)));
  });
  std::printf(
      "%-9s %7.2f us a call, %5.1f allocations, %.0f records of %.0f bytes; %.1f x SHA-256 of the "
      "bytes\n",
      std::string(kind.name).c_str(), time * 1e6 / each, per_call(allocations.load() - before),
      per_call(calls.records() - records),
      static_cast<double>(calls.bytes() - bytes) /
          static_cast<double>(std::max<std::uint64_t>(calls.records() - records, 1)),
      time / baseline);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view only = argc > 1 ? argv[1] : "";
  const std::uint64_t count = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 100'000;
  for (const Kind& kind : kinds()) {
    if (only.empty() || only == "all" || only == kind.name)
      measure(kind, std::max<std::uint64_t>(count, 1));
  }
  return 0;
}
