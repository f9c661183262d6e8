// SPDX-License-Identifier: Apache-2.0
#include "http/head_parser.h"

#include "http/hostile_heads.h"

#include <gtest/gtest.h>

#include <string>

namespace tally::http {
namespace {

std::string verdict_of(const HeadStep& step) {
  if (step.refused()) return std::string(fault_name(step.fault));
  return step.complete() ? "ok" : "need-more";
}

/// Feeds `bytes` in pieces that end at `cut` and then every `step` bytes; buffers are gone after
/// each feed. `used` counts over all feeds.
template <class Parser>
std::string verdict(Parser& parser, std::string_view bytes, std::size_t cut, std::size_t step,
                    std::size_t* used = nullptr) {
  std::size_t taken = 0;
  HeadStep last;
  for (std::size_t next = cut; taken < bytes.size(); next = step) {
    const std::string piece(bytes.substr(taken, std::max<std::size_t>(next, 1)));
    last = parser.feed(piece);
    if (last.refused()) break;
    if (last.complete()) {
      taken += last.used;
      break;
    }
    taken += piece.size();
  }
  if (used != nullptr) *used = taken;
  return verdict_of(last);
}

template <class Parser, class Head>
void check_at_every_cut(const HeadCase& c) {
  Parser whole;
  ASSERT_EQ(verdict(whole, c.bytes, c.bytes.size(), 1), c.verdict) << c.bytes;
  const Head expected = whole.head();
  for (std::size_t cut = 1; cut < c.bytes.size(); ++cut) {
    Parser two;
    EXPECT_EQ(verdict(two, c.bytes, cut, c.bytes.size()), c.verdict) << c.bytes << " at " << cut;
    EXPECT_EQ(two.head(), expected);
  }
  for (std::size_t piece : {1U, 2U, 3U, 7U}) {
    Parser many;
    EXPECT_EQ(verdict(many, c.bytes, piece, piece), c.verdict) << c.bytes;
    EXPECT_EQ(many.head(), expected);
  }
}

TEST(RequestParser, GivesTheExpectedVerdictAtEveryCut) {
  ASSERT_GE(request_head_cases().size(), 120U);
  for (const HeadCase& c : request_head_cases()) {
    check_at_every_cut<RequestParser, RequestHead>(c);
  }
}

TEST(ResponseParser, GivesTheExpectedVerdictAtEveryCut) {
  for (const HeadCase& c : response_head_cases()) {
    check_at_every_cut<ResponseParser, ResponseHead>(c);
  }
}

TEST(RequestParser, LeavesWhatFollowsTheHead) {
  const std::string_view head =
      "\r\nPOST /mcp?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n";
  const std::string bytes = std::string(head) + "bodyGET / HTTP/1.1\r\n";
  for (std::size_t cut = 1; cut < head.size(); ++cut) {
    RequestParser parser;
    std::size_t used = 0;
    EXPECT_EQ(verdict(parser, bytes, cut, bytes.size(), &used), "ok");
    EXPECT_EQ(used, head.size());
    EXPECT_EQ(parser.bytes(), head.size());
    const RequestHead taken = parser.take();
    EXPECT_EQ(taken.method, "POST");
    EXPECT_EQ(taken.target, "/mcp?x=1");
    EXPECT_EQ(taken.fields.size(), 2U);
  }
}

TEST(RequestParser, KeepsOrderCaseAndRepetition) {
  const std::string bytes =
      "gEt /a%2Fb?c HTTP/1.1\r\nx-B: 1\r\nHOST: a\r\nX-b: 2\r\nX-A: \r\nx-B: 1\r\n\r\n";
  RequestParser parser;
  ASSERT_TRUE(parser.feed(bytes).complete());
  EXPECT_EQ(to_bytes(parser.take()), bytes);
}

TEST(RequestParser, ReadsOneRequestAfterTheOther) {
  const std::string first = "GET /1 HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
  const std::string second = "GET /2 HTTP/1.0\r\n\r\n";
  const std::string bytes = first + second;
  RequestParser parser;
  const HeadStep one = parser.feed(bytes);
  ASSERT_TRUE(one.complete());
  EXPECT_EQ(parser.take().target, "/1");
  EXPECT_FALSE(parser.started());
  const HeadStep two = parser.feed(std::string_view(bytes).substr(one.used));
  ASSERT_TRUE(two.complete());
  EXPECT_EQ(two.used, second.size());
  const RequestHead head = parser.take();
  EXPECT_EQ(head.target, "/2");
  EXPECT_EQ(head.minor, 0);
  EXPECT_TRUE(head.fields.empty());
}

TEST(RequestParser, TellsACutHeadFromTheEnd) {
  RequestParser parser;
  EXPECT_FALSE(parser.started());
  EXPECT_EQ(parser.feed("\r\n").state, HeadStep::State::need_more);
  EXPECT_FALSE(parser.started());
  EXPECT_EQ(parser.feed("G").state, HeadStep::State::need_more);
  EXPECT_TRUE(parser.started());
}

TEST(RequestParser, RefusesAfterTheLimitWhateverTheCut) {
  const std::string line = "GET / HTTP/1.1\r\nHost: a\r\n";
  const HeadLimits limits{.bytes_max = 100, .fields_max = 3};
  const std::string fits = line + "X: " + std::string(100 - line.size() - 7, 'x') + "\r\n\r\n";
  ASSERT_EQ(fits.size(), 100U);
  const std::string over = line + "X: " + std::string(100 - line.size() - 6, 'x') + "\r\n\r\n";
  for (std::size_t piece : {1U, 2U, 50U, 99U, 100U, 101U, 1000U}) {
    RequestParser good(limits), bad(limits), target(limits), empty(limits);
    EXPECT_EQ(verdict(good, fits, piece, piece), "ok");
    EXPECT_EQ(verdict(bad, over, piece, piece), "head-too-large");
    const std::string long_target = "GET /" + std::string(200, 'a');
    EXPECT_EQ(verdict(target, long_target, piece, piece), "target-too-long");
    std::string lines;
    for (int i = 0; i < 60; ++i) lines += "\r\n";
    EXPECT_EQ(verdict(empty, lines, piece, piece), "head-too-large");
  }
  RequestParser many(limits);
  EXPECT_EQ(verdict(many, line + "a: 1\r\nb: 2\r\nc: 3\r\n\r\n", 1, 1), "too-many-fields");
}

TEST(RequestParser, TakesAHeadOfTheFullSize) {
  std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (std::size_t i = 1; i < kHttpFieldsMax; ++i) bytes += "X-" + std::to_string(i) + ": y\r\n";
  bytes.insert(5, kHttpHeadBytesMax - bytes.size() - 2, 'p');
  bytes += "\r\n";
  RequestParser parser;
  ASSERT_EQ(bytes.size(), kHttpHeadBytesMax);
  ASSERT_TRUE(parser.feed(bytes).complete());
  EXPECT_EQ(to_bytes(parser.take()), bytes);
}

TEST(ResponseParser, HandsOnInterimHeads) {
  const std::string bytes =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
      "HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody";
  ResponseParser parser;
  std::string_view rest = bytes;
  std::vector<int> interim;
  for (;;) {
    const HeadStep step = parser.feed(rest);
    ASSERT_TRUE(step.complete());
    rest.remove_prefix(step.used);
    const ResponseHead head = parser.take();
    if (!is_interim(head)) {
      EXPECT_EQ(head.status, 200);
      EXPECT_EQ(head.reason, "OK");
      EXPECT_EQ(head.fields.find("a"), "b");
      break;
    }
    interim.push_back(head.status);
  }
  EXPECT_EQ(interim, (std::vector<int>{100, 103}));
  EXPECT_EQ(rest, "body");
}

}  // namespace
}  // namespace tally::http
