// SPDX-License-Identifier: Apache-2.0
#include "http/framing.h"

#include "http/head_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace tally::http {
namespace {

RequestHead request_with(const std::string& lines, const char* version = "1.1") {
  RequestParser parser;
  const std::string bytes =
      std::string("POST / HTTP/") + version + "\r\nHost: a\r\n" + lines + "\r\n";
  EXPECT_TRUE(parser.feed(bytes).complete());
  return parser.take();
}

ResponseHead response_with(const std::string& status, const std::string& lines = "",
                           const char* version = "1.1") {
  ResponseParser parser;
  const std::string bytes =
      std::string("HTTP/") + version + " " + status + " x\r\n" + lines + "\r\n";
  EXPECT_TRUE(parser.feed(bytes).complete());
  return parser.take();
}

constexpr Framing kNone{};
constexpr Framing kChunked{.kind = BodyKind::chunked};
constexpr Framing kUntilClose{.kind = BodyKind::until_close};
constexpr Framing length(std::uint64_t bytes) {
  return {.kind = BodyKind::length, .length = bytes};
}

TEST(Framing, OfRequests) {
  EXPECT_EQ(request_framing(request_with("")), kNone);
  EXPECT_EQ(request_framing(request_with("Content-Length: 0\r\n")), length(0));
  EXPECT_EQ(request_framing(request_with("content-length: 12\r\n")), length(12));
  EXPECT_EQ(request_framing(request_with("Transfer-Encoding: chunked\r\n")), kChunked);
  EXPECT_EQ(request_framing(request_with("", "1.0")), kNone);  // never until close
}

TEST(Framing, OfResponses) {
  EXPECT_EQ(response_framing(response_with("200"), "GET"), kUntilClose);
  EXPECT_EQ(response_framing(response_with("200", "Content-Length: 7\r\n"), "GET"), length(7));
  EXPECT_EQ(response_framing(response_with("200", "Transfer-Encoding: CHUNKED\r\n"), "POST"),
            kChunked);
  for (const char* status : {"100", "103", "204", "304", "101"}) {
    EXPECT_EQ(response_framing(response_with(status, "Content-Length: 7\r\n"), "GET"), kNone)
        << status;
  }
  EXPECT_EQ(response_framing(response_with("200", "Content-Length: 7\r\n"), "HEAD"), kNone);
  EXPECT_EQ(response_framing(response_with("200", "Transfer-Encoding: chunked\r\n"), "HEAD"),
            kNone);
  EXPECT_EQ(response_framing(response_with("200", "Content-Length: 7\r\n"), "head"), length(7));
}

TEST(Framing, KnowsWhenTheConnectionStays) {
  EXPECT_TRUE(keeps_alive(request_with("")));
  EXPECT_FALSE(keeps_alive(request_with("Connection: close\r\n")));
  EXPECT_FALSE(keeps_alive(request_with("Connection: keep-alive\r\nConnection: x, CLOSE\r\n")));
  EXPECT_FALSE(keeps_alive(request_with("", "1.0")));
  EXPECT_TRUE(keeps_alive(request_with("Connection: Keep-Alive\r\n", "1.0")));
  const Framing body = length(7);
  EXPECT_TRUE(keeps_alive(response_with("200"), body));
  EXPECT_FALSE(keeps_alive(response_with("200"), kUntilClose));
  EXPECT_FALSE(keeps_alive(response_with("200", "Connection: close\r\n"), body));
  EXPECT_FALSE(keeps_alive(response_with("200", "", "1.0"), body));
  EXPECT_TRUE(keeps_alive(response_with("200", "Connection: keep-alive\r\n", "1.0"), body));
  EXPECT_FALSE(keeps_alive(response_with("101"), kNone));
}

TEST(Framing, KnowsWhoWaitsAndWhoChangesProtocol) {
  EXPECT_TRUE(expects_continue(request_with("Expect: 100-Continue\r\n")));
  EXPECT_FALSE(expects_continue(request_with("Expect: 100-continue\r\n", "1.0")));
  EXPECT_FALSE(expects_continue(request_with("Expect: something\r\n")));
  EXPECT_TRUE(
      asks_upgrade(request_with("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n")));
  EXPECT_FALSE(asks_upgrade(request_with("Upgrade: h2c\r\n")));
  EXPECT_FALSE(asks_upgrade(request_with("Connection: upgrade\r\n")));
  EXPECT_FALSE(asks_upgrade(request_with("Connection: upgrade\r\nUpgrade: x\r\n", "1.0")));
}

}  // namespace
}  // namespace tally::http
