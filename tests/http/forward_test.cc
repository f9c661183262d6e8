// SPDX-License-Identifier: Apache-2.0
#include "http/forward.h"

#include "http/head_parser.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <string_view>

namespace tally::http {
namespace {

RequestHead request(const std::string& bytes) {
  RequestParser parser;
  EXPECT_TRUE(parser.feed(bytes).complete()) << bytes;
  return parser.take();
}

ResponseHead response(const std::string& bytes) {
  ResponseParser parser;
  EXPECT_TRUE(parser.feed(bytes).complete()) << bytes;
  return parser.take();
}

/// As the proxy calls it, with nothing to add.
RequestForwarding plain(const RequestHead& head) {
  return {.framing = request_framing(head),
          .client_address = "192.0.2.7",
          .forwarded = Forwarded::off,
          .request_id = {},
          .upstream_authority = "up:1"};
}

std::string forwarded(const std::string& bytes) {
  const RequestHead head = request(bytes);
  return to_bytes(forward_request(head, plain(head)));
}

TEST(Forward, LeavesEndToEndFieldsAsTheyAre) {
  const std::string bytes =
      "POST /mcp?a=%2f HTTP/1.1\r\nhost: pub.example\r\nORIGIN: http://x\r\nAccept: a\r\naccept: "
      "b\r\n"
      "Accept-Encoding: gzip,  br;q=0.5\r\nMcp-Session-Id: s\r\nVia: 1.1 other\r\nTrailer: "
      "X-Sum\r\n"
      "X-Empty: \r\ncontent-length: 5\r\nX-Last: \xc3\xa4\r\n\r\n";
  EXPECT_EQ(forwarded(bytes), bytes);
}

TEST(Forward, DropsWhatBelongsToTheConnection) {
  EXPECT_EQ(forwarded("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-Mine\r\nx-mine: 1\r\n"
                      "Keep-Alive: timeout=5\r\nProxy-Authorization: p\r\nProxy-Connection: k\r\n"
                      "TE: trailers\r\nUpgrade: h2c\r\nX-Kept: 1\r\nCONNECTION: x-other\r\n"
                      "X-Other: 2\r\nX-OTHER: 3\r\n\r\n"),
            "GET / HTTP/1.1\r\nHost: a\r\nX-Kept: 1\r\n\r\n");
}

TEST(Forward, FramesAnew) {
  RequestHead head =
      request("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n");
  RequestForwarding how = plain(head);
  EXPECT_EQ(to_bytes(forward_request(head, how)),
            "POST / HTTP/1.1\r\nHost: a\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n");
  how.framing = {.kind = BodyKind::length, .length = 12};
  EXPECT_EQ(to_bytes(forward_request(head, how)),
            "POST / HTTP/1.1\r\nHost: a\r\nA: b\r\nContent-Length: 12\r\n\r\n");
  head = request("POST / HTTP/1.1\r\nHost: a\r\nCONTENT-LENGTH: 5\r\nA: b\r\n\r\n");
  EXPECT_EQ(to_bytes(forward_request(head, how)),
            "POST / HTTP/1.1\r\nHost: a\r\nCONTENT-LENGTH: 12\r\nA: b\r\n\r\n");
  how.framing = {.kind = BodyKind::chunked};
  EXPECT_EQ(to_bytes(forward_request(head, how)),
            "POST / HTTP/1.1\r\nHost: a\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST(Forward, MakesHttp10Into11) {
  EXPECT_EQ(forwarded("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
            "GET / HTTP/1.1\r\nHost: up:1\r\n\r\n");
  EXPECT_EQ(forwarded("GET / HTTP/1.0\r\nHost: a\r\n\r\n"), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST(Forward, SaysWhoAskedAndGivesARequestId) {
  const RequestHead head = request("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  RequestForwarding how = plain(head);
  how.forwarded = Forwarded::append;
  how.request_id = "id-1";
  how.client_tls = true;
  EXPECT_EQ(to_bytes(forward_request(head, how)),
            "GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: id-1\r\nX-Forwarded-For: 192.0.2.7\r\n"
            "X-Forwarded-Proto: https\r\n\r\n");
  const RequestHead through = request(
      "GET / HTTP/1.1\r\nHost: a\r\nx-request-id: theirs\r\nx-forwarded-for: 1.1.1.1\r\nA: b\r\n"
      "X-Forwarded-For: 2.2.2.2\r\nX-Forwarded-Proto:\r\n\r\n");
  how.client_tls = false;
  EXPECT_EQ(
      to_bytes(forward_request(through, how)),
      "GET / HTTP/1.1\r\nHost: a\r\nx-request-id: theirs\r\nx-forwarded-for: 1.1.1.1\r\nA: b\r\n"
      "X-Forwarded-For: 2.2.2.2, 192.0.2.7\r\nX-Forwarded-Proto: http\r\n\r\n");
}

TEST(Forward, CutsAcceptEncoding) {
  const std::pair<const char*, const char*> cases[]{
      {"", ""},
      {"gzip", "gzip"},
      {"GZIP ,deflate;q=0.5,, br", "GZIP ,deflate;q=0.5,, br"},
      {"gzip, deflate, br, zstd", "gzip, deflate, br"},
      {"zstd", ""},
      {"zstd;q=1, identity;q=0", "identity;q=0"},
      {"x-gzip, compress", "x-gzip"},
      {"*", "gzip, deflate, br"},
      {"gzip;q=0, *;q=0.5", "gzip;q=0, deflate;q=0.5, br;q=0.5"},
      {"gzip, *;q=0", "gzip, *;q=0"},
      {"gzip, *;q=0.0, zstd", "gzip, *;q=0.0"},
      {"*;q=0.01", "gzip;q=0.01, deflate;q=0.01, br;q=0.01"},
  };
  for (const auto& [in, out] : cases) EXPECT_EQ(cut_accept_encoding(in), out) << in;
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\n";
  EXPECT_EQ(forwarded(start + "Accept-Encoding: zstd\r\n\r\n"),
            start + "Accept-Encoding: identity\r\n\r\n");
  EXPECT_EQ(forwarded(start + "Accept-Encoding: zstd\r\naccept-encoding: br\r\n\r\n"),
            start + "accept-encoding: br\r\n\r\n");
  EXPECT_EQ(forwarded(start + "Accept-Encoding: zstd\r\nA: b\r\nAccept-Encoding: dcb\r\n\r\n"),
            start + "Accept-Encoding: identity\r\nA: b\r\n\r\n");
  EXPECT_EQ(forwarded(start + "Accept-Encoding:\r\n\r\n"), start + "Accept-Encoding: \r\n\r\n");
  EXPECT_EQ(forwarded(start + "\r\n"), start + "\r\n");
}

TEST(Forward, TunnelsAnUpgradeOnlyWhenTold) {
  const RequestHead head =
      request("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  RequestForwarding how = plain(head);
  EXPECT_EQ(to_bytes(forward_request(head, how)), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  how.upgrade = true;
  EXPECT_EQ(to_bytes(forward_request(head, how)),
            "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n");
  const ResponseHead switching =
      response("HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: upgrade\r\nA: b\r\n\r\n");
  EXPECT_EQ(to_bytes(forward_response(switching, {.framing = {}, .upgrade = true})),
            "HTTP/1.1 101 Go\r\nA: b\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n");
}

TEST(Forward, KeepsSessionsOfOurOwnApiToItself) {
  const auto cookies = [](const std::string& lines) {
    return forwarded("GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n");
  };
  EXPECT_EQ(cookies("Cookie: a=1; tallystick_session=x; b=2\r\n"),
            "GET / HTTP/1.1\r\nHost: a\r\nCookie: a=1; b=2\r\n\r\n");
  EXPECT_EQ(cookies("Cookie: __Host-tallystick_session=x\r\nCookie: b=2\r\n"),
            "GET / HTTP/1.1\r\nHost: a\r\nCookie: b=2\r\n\r\n");
  const std::string others = "cookie: a=1;b; my_tallystick_session=x;  tallystick_session2=y;\r\n";
  EXPECT_EQ(cookies(others), "GET / HTTP/1.1\r\nHost: a\r\n" + others + "\r\n") << "byte for byte";
  const ResponseHead planted = response(
      "HTTP/1.1 200 OK\r\nSet-Cookie: __Host-tallystick_session=z; Path=/\r\nSet-Cookie: "
      "a=1\r\n\r\n");
  EXPECT_EQ(to_bytes(forward_response(planted, {.framing = {}})),
            "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\n\r\n");
}

TEST(Forward, PassesResponses) {
  const ResponseHead head = response(
      "HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer\r\nset-cookie: a\r\nSet-Cookie: b\r\n"
      "Connection: close, X-Mine, Mcp-Session-Id\r\nX-Mine: 1\r\nMCP-Session-Id: s\r\n"
      "Keep-Alive: timeout=5\r\nProxy-Authenticate: p\r\nContent-Length: 7\r\nETag: \"e\"\r\n\r\n");
  EXPECT_EQ(to_bytes(forward_response(head, {.framing = response_framing(head, "GET")})),
            "HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer\r\nset-cookie: a\r\nSet-Cookie: b\r\n"
            "MCP-Session-Id: s\r\nContent-Length: 7\r\nETag: \"e\"\r\n\r\n");
  // A HEAD or 304 keeps the length it speaks of.
  EXPECT_EQ(forward_response(head, {.framing = {}}).fields.find("content-length"), "7");
}

TEST(Forward, TellsTheClientHowTheBodyEnds) {
  const ResponseHead head =
      response("HTTP/1.0 200 OK\r\nTransfer-Y: x\r\nConnection: keep-alive\r\n\r\n");
  const Framing until_close{.kind = BodyKind::until_close};
  EXPECT_EQ(to_bytes(forward_response(head, {.framing = until_close, .close = true})),
            "HTTP/1.1 200 OK\r\nTransfer-Y: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(to_bytes(forward_response(head, {.framing = {.kind = BodyKind::chunked}})),
            "HTTP/1.1 200 OK\r\nTransfer-Y: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(
      to_bytes(forward_response(
          head, {.framing = {.kind = BodyKind::length, .length = 3}, .client_minor = 0})),
      "HTTP/1.1 200 OK\r\nTransfer-Y: x\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\n");
  const ResponseHead hints = response("HTTP/1.1 103 Early Hints\r\nLink: l\r\n\r\n");
  EXPECT_EQ(to_bytes(forward_response(hints, {.framing = {}, .close = true})),
            "HTTP/1.1 103 Early Hints\r\nLink: l\r\n\r\n");
}

TEST(Forward, GivesOldClientsNoChunks) {
  const Framing chunked{.kind = BodyKind::chunked}, until_close{.kind = BodyKind::until_close};
  const Framing length{.kind = BodyKind::length, .length = 3};
  EXPECT_EQ(framing_for_client(chunked, 1), chunked);
  EXPECT_EQ(framing_for_client(chunked, 0), until_close);
  EXPECT_EQ(framing_for_client(until_close, 1), until_close);
  EXPECT_EQ(framing_for_client(length, 0), length);
}

TEST(Forward, GivesHeadsThatPassAgain) {
  const RequestHead head = request(
      "POST /m HTTP/1.0\r\nConnection: keep-alive, x\r\nAccept-Encoding: zstd, *\r\n"
      "Content-Length: 3\r\n\r\n");
  RequestForwarding how = plain(head);
  how.forwarded = Forwarded::append;
  how.request_id = "r";
  const RequestHead once = forward_request(head, how);
  EXPECT_EQ(request(to_bytes(once)), once);
}

/// Lines that forwarding treats in all the ways there are.
constexpr std::array<std::string_view, 29> kTreatedLines{"Connection: close\r\n",
                                                         "connection: Keep-Alive\r\n",
                                                         "Connection: X-One, close\r\n",
                                                         "Close: a\r\n",
                                                         "X-One: 1\r\n",
                                                         "Keep-Alive: timeout=5\r\n",
                                                         "TE: trailers\r\n",
                                                         "Upgrade: h2c\r\n",
                                                         "Connection: upgrade\r\n",
                                                         "Proxy-Authorization: x\r\n",
                                                         "Cookie: tallystick_session=a; b=c\r\n",
                                                         "Set-Cookie: tallystick_session=1\r\n",
                                                         "Set-Cookie: a=b\r\n",
                                                         "Accept-Encoding: gzip, zstd\r\n",
                                                         "Accept-Encoding: br\r\n",
                                                         "X-Forwarded-For: 192.0.2.1\r\n",
                                                         "x-forwarded-proto: https\r\n",
                                                         "X-Request-Id: q\r\n",
                                                         "Mcp-Session-Id: s\r\n",
                                                         "A:b \r\n",
                                                         "Transfer-Encoding: chunked\r\n",
                                                         "Content-Length: 5\r\n",
                                                         "Host: b\r\n",
                                                         "Cookie: a=b; c=tallystick\r\n",
                                                         "Cookie: __Host-tallystick_session=a\r\n",
                                                         "Accept-Encoding:\r\n",
                                                         "Accept-Encoding: *;q=0, gzip\r\n",
                                                         "Accept-Encoding: \"a,\r\n",
                                                         "Accept: c\r\n"};

template <class Parser, class Check>
void with_some_lines(std::string_view first_line, Check check) {
  std::mt19937 random(3);
  int good = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::string bytes(first_line);
    for (std::size_t lines = random() % 6; lines > 0; --lines) {
      bytes += kTreatedLines[random() % kTreatedLines.size()];
    }
    Parser parser;
    if (!parser.feed(bytes += "\r\n").complete()) continue;
    check(parser.take(), static_cast<unsigned>(random()));
    ++good;
  }
  EXPECT_GT(good, 200);
}

Framing some_framing(const Framing& own, unsigned number) {
  switch (number % 8) {
    case 0: return {.kind = BodyKind::length, .length = 77};
    case 1: return {.kind = BodyKind::chunked};
    case 2: return {.kind = BodyKind::until_close};
    default: return own;
  }
}

TEST(Forward, WritesRequestsWithoutTheCopyAlike) {
  with_some_lines<RequestParser>(
      "POST /m HTTP/1.0\r\n", [](const RequestHead& head, unsigned number) {
        RequestForwarding how = plain(head);
        how.framing = some_framing(how.framing, number);
        how.forwarded = (number & 8) != 0 ? Forwarded::append : Forwarded::off;
        how.client_tls = (number & 16) != 0;
        how.request_id = (number & 32) != 0 ? "r" : "";
        how.upgrade = number % 7 == 0;
        std::string out = "before";
        append_forwarded(head, how, out);
        EXPECT_EQ(out, "before" + to_bytes(forward_request(head, how)));
      });
}

TEST(Forward, WritesResponsesWithoutTheCopyAlike) {
  for (const char* line : {"HTTP/1.1 200 OK\r\n", "HTTP/1.1 103 \r\n"}) {
    with_some_lines<ResponseParser>(line, [](const ResponseHead& head, unsigned number) {
      ResponseForwarding how;
      how.framing = some_framing(response_framing(head, "GET"), number);
      how.client_minor = (number & 8) != 0 ? 1 : 0;
      how.close = (number & 16) != 0;
      how.upgrade = number % 7 == 0;
      std::string out = "before";
      append_forwarded(head, how, out);
      EXPECT_EQ(out, "before" + to_bytes(forward_response(head, how)));
    });
  }
}

}  // namespace
}  // namespace tally::http
