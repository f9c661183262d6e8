// SPDX-License-Identifier: Apache-2.0
// Bodies beyond the limit, compressed ones above all: refused, or forwarded and understood as their
// receiver does.
#include "proxy/oversize_body.h"

#include "base/encoding.h"
#include "proxy/decoded_pieces.h"
#include "proxy/deflated.h"
#include "proxy/proxy_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace tally::proxy {
namespace {

using test::deflated;
using test::listed;
using test::Message;
using test::named;
using test::Wire;
using ::testing::HasSubstr;

http::FieldList coding(std::string_view name) {
  http::FieldList out;
  if (!name.empty()) out.add("Content-Encoding", name);
  return out;
}

const redact::KeyedDigest kKey{as_bytes("a key of thirty-two bytes, or so")};

struct Read {
  std::string text;
  std::optional<ReceivedBody> received;
};

Read read(std::string_view raw, std::string_view name, std::uint64_t decoded_max = 1'000'000) {
  OversizeBody body(coding(name), decoded_max, kKey);
  Read out;
  for (; !raw.empty(); raw.remove_prefix(std::min<std::size_t>(raw.size(), 7))) {
    body.feed(raw.substr(0, 7), [&](std::string_view part) { out.text.append(part); });
  }
  out.received = body.finish();
  return out;
}

TEST(OversizeBody, WithoutACodingItIsWhatCame) {
  for (const auto* name : {"", "identity", "zstd"}) {
    const Read out = read("as it came, byte for byte", name);
    EXPECT_EQ(out.text, "as it came, byte for byte");
    EXPECT_FALSE(out.received.has_value());
  }
}

TEST(OversizeBody, ACodingIsUndoneAndWhatCameIsDigested) {
  const std::string text(100'000, 'x');
  const std::string raw = deflated(text);
  const Read out = read(raw, "deflate");
  EXPECT_EQ(out.text, text);
  ASSERT_TRUE(out.received.has_value());
  EXPECT_EQ(out.received->reason, "");
  EXPECT_EQ(out.received->bytes, raw.size());
  EXPECT_EQ(out.received->digest, kKey(raw));
}

TEST(OversizeBody, SaysWhyItCannotBeRead) {
  const std::string raw = deflated(std::string(100'000, 'x'));
  EXPECT_THAT(read(raw, "deflate", 5'000).received->reason, HasSubstr("content-encoding: "));
  EXPECT_THAT(read(raw + "more", "deflate").received->reason, HasSubstr("content-encoding: "));
  EXPECT_NE(read(raw.substr(0, raw.size() / 2), "deflate").received->reason, "");
}

/// What a recorder is told of at once, however little it was when it came.
TEST(OversizeBody, WhatItExpandsToComesInPieces) {
  const std::string text(5'000'000, 'x');
  OversizeBody body(coding("deflate"), 10'000'000, kKey);
  std::size_t told = 0;
  std::size_t count = 0;
  DecodedPieces pieces([&](std::string_view piece) {
    EXPECT_EQ(piece.find_first_not_of('x'), std::string_view::npos);
    EXPECT_LE(piece.size(), DecodedPieces::kBytes + 16 * kKiB);
    told += piece.size();
    ++count;
  });
  body.feed(deflated(text), [&](std::string_view part) { pieces.add(part); });
  pieces.flush();
  pieces.flush();
  EXPECT_EQ(told, text.size());
  EXPECT_GE(count, text.size() / (DecodedPieces::kBytes + 16 * kKiB));
  EXPECT_LE(count, text.size() / DecodedPieces::kBytes + 1);
}

class OversizeBodyTest : public test::ProxyFixture {
 protected:
  OversizeBodyTest() {
    config_.limits.body_bytes = 4'000;
    config_.proxies[0].oversize = config::Oversize::forward;
  }
  /// Sends `raw` and gives the records of tools/call and of what was not understood.
  std::vector<event::Event> sent(const std::string& raw, bool chunked) {
    std::string got;
    start([&](Wire& wire, int) {
      got = wire.receive().body;
      wire.send(test::response(result(1), "Content-Type: application/json\r\n"));
    });
    Wire wire = client();
    std::string request = test::post(raw, "Content-Encoding: deflate\r\n");
    if (chunked) {
      char size[16];
      std::snprintf(size, sizeof size, "%zx", raw.size());
      request =
          "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
          "Content-Encoding: deflate\r\nTransfer-Encoding: chunked\r\n\r\n" +
          std::string(size) + "\r\n" + raw + "\r\n0\r\n\r\n";
    }
    EXPECT_TRUE(wire.send(request));
    EXPECT_EQ(wire.receive().status(), 200);
    const auto events = stop();
    EXPECT_EQ(got, raw);
    return events;
  }
};

/// Small as it comes, long when read.
TEST_F(OversizeBodyTest, ABodyThatExpandsIsForwardedAndPaired) {
  const std::string raw = deflated(call(1, "{\"x\":\"" + std::string(9'000, 'x') + "\"}"));
  ASSERT_LT(raw.size(), 4'000U);
  const auto events = sent(raw, false);
  const auto calls = named(events, "mcp-tool-execution");
  ASSERT_EQ(calls.size(), 1U) << listed(events);
  EXPECT_EQ(calls[0].event_result, event::EventResult::success);
  EXPECT_EQ(calls[0].target_name, "write");
  EXPECT_THAT(calls[0].details, HasSubstr("\"received\":{\"bytes\":" + std::to_string(raw.size())));
  const auto staged = named(events, "mcp-unparsed");
  ASSERT_EQ(staged.size(), 1U) << listed(events);
  EXPECT_EQ(staged[0].status, event::Status::initiated);
  EXPECT_EQ(staged[0].interaction_id, calls[0].interaction_id);
}

/// A login that we cannot read, or that is longer than we look at: of neither there is a digest
/// that a password could be guessed from.
TEST_F(OversizeBodyTest, OfALoginThatNobodyReadsTheDigestIsKeyed) {
  config_.proxies[0].paths = {{.path = "/auth/*", .category = rest::Category::auth}};
  start(answer_all);
  const std::string secret = R"({"password":"1234"})";
  const std::string packed = deflated(std::string(100'000, 'x'));
  const std::vector<std::pair<std::string, std::string>> bodies{
      {secret, "zstd"},
      {"no gzip at all", "gzip"},
      {std::string(9'000, 'p'), "identity"},
      {packed, "deflate"}};
  Wire wire = client();
  for (const auto& [body, coding] : bodies) {
    ASSERT_TRUE(wire.send(test::post(body, "Content-Encoding: " + coding + "\r\n", "/auth/login")));
    EXPECT_EQ(wire.receive().status(), 200);
  }
  const auto events = stop();
  std::vector<event::Event> ended;
  for (const event::Event& event : named(events, "auth-request")) {
    EXPECT_THAT(event.details, ::testing::Not(HasSubstr("sha256:"))) << event.details;
    if (event.event_result != event::EventResult::pending) ended.push_back(event);
  }
  ASSERT_EQ(ended.size(), 4U) << listed(events);
  // The last one expands to more than is decoded: what is told is what came.
  for (std::size_t i = 0; i < ended.size(); ++i) {
    const std::string& body = bodies[i].first;
    EXPECT_THAT(ended[i].details,
                HasSubstr(R"("request_body":{"bytes":)" + std::to_string(body.size()) +
                          R"(,"digest":")" + digest_(body) + "\"}"));
  }
}

/// Long as it comes: the digits do not compress well.
TEST_F(OversizeBodyTest, ABodyThatIsLongAsItComes) {
  std::string noise;
  for (unsigned i = 0, x = 1; i < 40'000; ++i, x = x * 1'103'515'245U + 12'345U) {
    noise += static_cast<char>('A' + (x >> 16) % 57);
    if (noise.back() == '\\') noise.back() = 'z';
  }
  const std::string raw = deflated(call(1, "{\"x\":\"" + noise.substr(0, 15'000) + "\"}"));
  ASSERT_GT(raw.size(), 4'000U);
  const auto calls = named(sent(raw, true), "mcp-tool-execution");
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].event_result, event::EventResult::success);
}

TEST_F(OversizeBodyTest, ABombIsForwardedAsWhatNobodyRead) {
  const auto events = sent(deflated(call(1, "\"" + std::string(500'000, 'x') + "\"")), false);
  const auto unparsed = named(events, "mcp-unparsed");
  ASSERT_EQ(unparsed.size(), 2U) << listed(events);
  EXPECT_THAT(unparsed[1].details, HasSubstr(R"("undecodable":"content-encoding: )"));
  EXPECT_TRUE(named(events, "mcp-tool-execution").empty());
}

TEST_F(OversizeBodyTest, ABodyThatExpandsIsRefusedWhereNothingElseWasSaid) {
  config_.proxies[0].oversize = config::Oversize::refuse;
  start(answer_all);
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::post(deflated(call(1, "\"" + std::string(500'000, 'x') + "\"")),
                                   "Content-Encoding: deflate\r\n")));
  EXPECT_EQ(wire.receive().status(), 413);
  EXPECT_EQ(upstream_->connections(), 0);
  // The whole request was read, so the connection is still good.
  ASSERT_TRUE(wire.send(test::post(call(2))));
  EXPECT_EQ(wire.receive().body, result(2));
  const auto unparsed = named(stop(), "mcp-unparsed");
  ASSERT_EQ(unparsed.size(), 1U);
  EXPECT_EQ(unparsed[0].event_result, event::EventResult::denied);
}

TEST_F(OversizeBodyTest, ALongBatchHasARecordForEachElement) {
  start([](Wire& wire, int) {
    wire.receive();
    wire.send(test::response("[" + result(2) + "," + result(1) + "]",
                             "Content-Type: application/json\r\n"));
  });
  Wire wire = client();
  const std::string pad = "\"" + std::string(9'000, 'x') + "\"";
  ASSERT_TRUE(wire.send(test::post("[" + call(1, pad) + "," + call(2, pad) + "]")));
  EXPECT_EQ(wire.receive().status(), 200);
  const auto events = stop();
  const auto calls = named(events, "mcp-tool-execution");
  ASSERT_EQ(calls.size(), 2U) << listed(events);
  EXPECT_EQ(calls[0].event_result, event::EventResult::success);
  EXPECT_THAT(calls[0].details, HasSubstr(R"("index":1,"size":2)"));
  EXPECT_EQ(calls[1].event_result, event::EventResult::success);
}

}  // namespace
}  // namespace tally::proxy
