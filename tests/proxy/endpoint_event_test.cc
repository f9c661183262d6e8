// SPDX-License-Identifier: Apache-2.0
// The address in the first event of HTTP+SSE: a client that follows it must come back to the proxy,
// and nothing else of a stream may change or wait.
#include "proxy/endpoint_event.h"

#include "base/limits.h"
#include "proxy/proxy_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::proxy {
namespace {

using test::listed;
using test::named;
using test::Wire;
using ::testing::HasSubstr;
using ::testing::Not;

const HttpUrl kUpstream = *HttpUrl::parse("http://127.0.0.1:3001");
const std::optional<HttpUrl> kNoPublic;
const std::optional<HttpUrl> kPublic = *HttpUrl::parse("https://mcp.example.com/files");

std::string reached(std::string_view stated, const std::optional<HttpUrl>& public_url) {
  return reachable_endpoint(stated, kUpstream, public_url).value_or("as it is");
}

TEST(ReachableEndpoint, WithoutAPublicUrlPathAndQueryRemain) {
  EXPECT_EQ(reached("http://127.0.0.1:3001/message?sessionId=1", kNoPublic),
            "/message?sessionId=1");
  EXPECT_EQ(reached("HTTP://127.0.0.1:3001/m", kNoPublic), "/m");
  EXPECT_EQ(reached("http://localhost:3001/m", kNoPublic), "/m");
  EXPECT_EQ(reached("http://[::1]:3001/m", kNoPublic), "/m");
  EXPECT_EQ(reached("//127.0.0.1:3001/m", kNoPublic), "/m");
  EXPECT_EQ(reached("http://127.0.0.1:3001", kNoPublic), "/");
  EXPECT_EQ(reached("http://127.0.0.1:3001?sessionId=1", kNoPublic), "/?sessionId=1");
  EXPECT_EQ(reached("http://127.0.0.1:3001//x/m", kNoPublic), "/.//x/m");
}

TEST(ReachableEndpoint, BelowThePublicUrl) {
  EXPECT_EQ(reached("http://127.0.0.1:3001/message?sessionId=1", kPublic),
            "https://mcp.example.com/files/message?sessionId=1");
}

TEST(ReachableEndpoint, WhatDoesNotPointAtTheUpstreamStays) {
  for (const auto* stated :
       {"/message?sessionId=1", "message", "?x=http://127.0.0.1:3001/", "", "http://127.0.0.1/m",
        "http://mcp.example.com/m", "https://mcp.example.com/files/m",
        "http://u:p@127.0.0.1:3001/m", "ftp://127.0.0.1:3001/m", "http://127.0.0.1.example:3001/m",
        "a/b://127.0.0.1:3001/"}) {
    EXPECT_EQ(reached(stated, kNoPublic), "as it is") << stated;
    EXPECT_EQ(reached(stated, kPublic), "as it is") << stated;
  }
}

/// The stream as a client gets it, fed in pieces of `size` bytes.
std::string passed(std::string_view stream, std::size_t size, bool* rewritten = nullptr) {
  EndpointRewriter rewriter(kUpstream, kNoPublic);
  std::string out;
  for (std::size_t at = 0; at < stream.size(); at += size) {
    rewriter.feed(stream.substr(at, size), out);
  }
  out += rewriter.finish();
  if (rewritten != nullptr) *rewritten = rewriter.rewritten();
  return out;
}

TEST(EndpointRewriter, RewritesHoweverTheBytesAreCut) {
  const std::string before = "\xef\xbb\xbf: hello\r\n\r\nid: 7\r\n\r\n";
  const std::string after = "event: message\ndata: http://127.0.0.1:3001/not-this\n\n";
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    for (const auto* order : {"event first", "data first"}) {
      const auto event = [&](const std::string& address) {
        const std::string type = "event:endpoint" + end;
        const std::string data = "data: " + address + end;
        return (order[0] == 'e' ? type + data : data + type) + end;
      };
      const std::string stream = before + event("http://127.0.0.1:3001/m?sessionId=1") + after;
      const std::string wanted = before + event("/m?sessionId=1") + after;
      for (std::size_t size = 1; size <= stream.size(); ++size) {
        bool rewritten = false;
        ASSERT_EQ(passed(stream, size, &rewritten), wanted) << size << ' ' << order;
        EXPECT_TRUE(rewritten);
      }
    }
  }
}

TEST(EndpointRewriter, LeavesEveryOtherStreamAsItIs) {
  const std::string address = "data: http://127.0.0.1:3001/m\n";
  for (const std::string& stream :
       {std::string("event: message\n") + address + "\n",
        "data: {}\n\nevent: endpoint\n" + address + "\n",      // not the first event
        "event: endpoint\n" + address + address + "\n",        // not one address
        "event: endpoint\n" + address,                         // never dispatched
        "event: endpoint\n" + address + "event: message\n\n",  // the last type counts
        std::string("event: endpoint\ndata: /m?sessionId=1\n\n"), std::string("\r\r\n\n: x"),
        "event: endpoint\ndata: http://127.0.0.1:3001/" + std::string(kEndpointEventBytesMax, 'a') +
            "\n\n"}) {
    for (const std::size_t size : {1U, 3U, 7U, 100'000U}) {
      bool rewritten = true;
      EXPECT_TRUE(passed(stream, size, &rewritten) == stream) << stream.substr(0, 80);
      EXPECT_FALSE(rewritten);
    }
  }
}

TEST(EndpointRewriter, HoldsNothingButTheFirstEvent) {
  EndpointRewriter rewriter(kUpstream, kNoPublic);
  std::string out;
  rewriter.feed(": ping\n\nretry: 5\n", out);
  EXPECT_EQ(out, ": ping\n\nretry: 5\n");
  out.clear();
  rewriter.feed("data: {}", out);
  EXPECT_EQ(out, "");
  rewriter.feed("\n\ndata: {", out);
  EXPECT_EQ(out, "data: {}\n\ndata: {");
  EXPECT_TRUE(rewriter.done());
}

using EndpointEventTest = test::ProxyFixture;

TEST_F(EndpointEventTest, AClientThatFollowsTheAddressStaysAtTheProxy) {
  start([&](Wire& wire, int) {
    const auto request = wire.receive();
    if (request.first_line().starts_with("POST")) {
      wire.send(test::response("", "", "202 Accepted"));
      return;
    }
    wire.send(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        "event: endpoint\ndata: http://127.0.0.1:" +
        std::to_string(upstream_->port()) + "/message?sessionId=sesame\n\n");
    wire.wait_closed();
  });
  Wire stream = client();
  ASSERT_TRUE(stream.send(test::get("/sse", "Accept: text/event-stream\r\n")));
  const std::string got = stream.read_until("sesame\n\n");
  EXPECT_THAT(got, HasSubstr("data: /message?sessionId=sesame\n\n"));
  EXPECT_THAT(got, Not(HasSubstr(std::to_string(upstream_->port()))));
  Wire poster = client();
  ASSERT_TRUE(poster.send(test::post(call(1), "", "/message?sessionId=sesame")));
  EXPECT_EQ(poster.receive().status(), 202);
  stream.close();
  wait_connections(1);
  poster.close();
  const auto events = stop();
  const auto streams = named(events, "mcp-stream");
  ASSERT_EQ(streams.size(), 2U) << listed(events);
  EXPECT_THAT(streams[1].details, HasSubstr(R"("endpoint_rewritten":true)"));
  const auto calls = named(events, "mcp-tool-execution");
  ASSERT_EQ(calls.size(), 2U) << listed(events);
  EXPECT_THAT(calls[0].details, HasSubstr(R"("transport":"http+sse")"));
}

}  // namespace
}  // namespace tally::proxy
