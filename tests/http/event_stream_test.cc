// SPDX-License-Identifier: Apache-2.0
#include "http/event_stream.h"

#include "http/reference_event_stream.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace tally::http {
namespace {

struct Taken {
  std::vector<ReferenceEvent> events;  // parts put together again
  std::vector<std::uint64_t> oversize;
  std::size_t blocks = 0;
  std::size_t held_max = 0;
  bool in_event = false;
};

Taken take(std::string_view stream, std::size_t piece_bytes,
           std::size_t event_bytes_max = 1'000'000) {
  EventStreamReader reader(event_bytes_max);
  Taken out;
  std::string parts;
  while (!stream.empty()) {
    const std::string piece(stream.substr(0, piece_bytes));
    stream.remove_prefix(piece.size());
    std::string_view rest = piece;
    for (;;) {
      const StreamStep step = reader.next(rest);
      if (step.state == StreamStep::State::need_more) break;
      const StreamEvent& event = step.event;
      switch (step.state) {
        case StreamStep::State::need_more: break;
        case StreamStep::State::event:
          EXPECT_EQ(event.bytes, event.data.size());
          out.events.push_back(
              {std::string(event.type), std::string(event.data), std::string(event.id)});
          break;
        case StreamStep::State::part:
          parts += event.data;
          EXPECT_EQ(event.bytes, parts.size());
          break;
        case StreamStep::State::last_part:
          parts += event.data;
          out.events.push_back({std::string(event.type), parts, std::string(event.id)});
          out.oversize.push_back(event.bytes);
          EXPECT_EQ(event.bytes, parts.size());
          parts.clear();
          break;
        case StreamStep::State::block: ++out.blocks; break;
      }
    }
    EXPECT_TRUE(rest.empty());
    out.held_max = std::max(out.held_max, reader.held());
  }
  out.in_event = reader.in_event();
  return out;
}

const std::vector<std::string>& streams() {
  using namespace std::string_literals;
  static const std::vector<std::string> all{
      // The examples of the WHATWG text.
      "data: YHOO\ndata: +2\ndata: 10\n\n",
      ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third "
      "event\n\n",
      "data\n\ndata\ndata\n\ndata:",
      "data:test\n\ndata: test\n\n",
      // What MCP servers send.
      "event: endpoint\ndata: /message?sessionId=x\n\nevent: message\ndata: "
      "{\"jsonrpc\":\"2.0\"}\n\n",
      "id: 7_1\ndata: \n\nid: 7_2\nevent: message\ndata: {}\n\nretry: 500\n\n",
      ": keep-alive\n\n: keep-alive\r\n\r\n:\r\r",
      // Line ends and cuts.
      "data: a\r\rdata: b\r\n\r\ndata: c\n\n",
      "data: a\n\r\ndata: b\r\n\n",
      "data: a\r\ndata: b\rdata: c\n\r",
      "\xef\xbb\xbf"
      "data: a\n\n\xef\xbb\xbf"
      "data: b\n\n",
      "\xef\xbb"
      "data: a\n\ndata: b\n\n",
      "\xef\xbb\xbf\xef\xbb\xbf"
      "data: a\n\ndata: b\n\n",
      // Fields that do not count, or nearly.
      "Data: a\n\ndata : b\n\n data: c\n\ndatax: d\n\ndat: e\n\neventx: f\n\ndata:g\n\n",
      "event: x\n\ndata: a\n\nevent:\ndata: b\n\nevent: y\nevent: z\ndata: c\n\n",
      "id: a\0b\ndata: 1\n\nid: c\ndata: 2\n\nid:\ndata: 3\n\n"s,
      "retry: 12x\n\nretry:\n\nretry: 99999999999999999999999\n\ndata: a\n\n",
      "data:  two spaces\n\ndata:\ttab\n\ndata:a:b\n\n",
      "data:\n\ndata:\ndata:\n\ndata:\ndata: x\ndata:\n\n",
      "\n\n\n\r\r\r\n\r\n",
      "data: not ended",
      "data: not ended\n",
      "",
  };
  return all;
}

TEST(EventStream, ReadsWhatTheStandardReadsAtEveryCut) {
  for (const std::string& stream : streams()) {
    const std::vector<ReferenceEvent> expected = reference_events(stream);
    for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
      EXPECT_EQ(take(stream, piece).events, expected) << stream << " in pieces of " << piece;
      for (std::size_t limit : {0U, 1U, 2U, 5U}) {
        EXPECT_EQ(take(stream, piece, limit).events, expected) << stream << " limit " << limit;
      }
    }
  }
}

TEST(EventStream, ReadsWhatTheStandardReadsOfRandomText) {
  std::mt19937 random(3);
  const std::string_view words[]{
      "data", "event", "id",    "retry",        ":", ": ",   "\n", "\r", "\r\n",
      "\n\n", "a",     "data:", "\xef\xbb\xbf", " ", "\r\r", "xyz"};
  for (int round = 0; round < 3'000; ++round) {
    std::string stream;
    for (std::size_t i = random() % 40; i > 0; --i) stream += words[random() % std::size(words)];
    const std::size_t piece = 1 + random() % 9, limit = random() % 12;
    EXPECT_EQ(take(stream, piece, limit).events, reference_events(stream)) << stream;
  }
}

TEST(EventStream, GivesLongEventsInParts) {
  const std::string data(1'000, 'x');
  const std::string stream = "id: 1\ndata: " + data + "\nevent: late\n\ndata: short\n\n";
  for (std::size_t piece : {1U, 7U, 100U, 5'000U}) {
    const Taken got = take(stream, piece, 50);
    EXPECT_EQ(got.events, reference_events(stream));
    EXPECT_EQ(got.oversize, std::vector<std::uint64_t>{1'000});
    EXPECT_LE(got.held_max, 50U);
  }
  EXPECT_TRUE(take("data: " + std::string(50, 'x') + "\n\n", 9, 50).oversize.empty());
  EXPECT_EQ(take("data: " + std::string(51, 'x') + "\n\n", 9, 50).oversize.size(), 1U);
}

TEST(EventStream, ReadsAnEventOfOneMebibyte) {
  const std::string stream = "data: " + std::string(kMiB, 'j') + "\r\r";
  const Taken got = take(stream, 16 * kKiB, kMiB);
  ASSERT_EQ(got.events.size(), 1U);
  EXPECT_EQ(got.events[0].data.size(), kMiB);
}

TEST(EventStream, DoesNotCopyAWholeEvent) {
  const std::string stream = "event: message\ndata: {\"a\":1}\n\n";
  EventStreamReader reader;
  std::string_view rest = stream;
  const StreamStep step = reader.next(rest);
  EXPECT_EQ(step.event.data.data(), stream.data() + 21);
  EXPECT_EQ(reader.held(), 0U);
}

TEST(EventStream, TellsEndpointIdAndRetry) {
  EventStreamReader reader;
  std::string_view rest = "event: endpoint\nretry: 007\ndata: /m\n\nid: 9\n\ndata: a\n\n";
  StreamStep step = reader.next(rest);
  EXPECT_TRUE(step.event.is_endpoint());
  EXPECT_EQ(step.event.retry_ms, 7U);
  step = reader.next(rest);
  EXPECT_EQ(step.state, StreamStep::State::block);
  EXPECT_EQ(step.event.id, "9");
  EXPECT_EQ(step.event.retry_ms, std::nullopt);
  step = reader.next(rest);
  EXPECT_EQ(step.event.id, "9");
  EXPECT_EQ(step.event.type, "message");
  EXPECT_EQ(reader.next(rest).state, StreamStep::State::need_more);
}

TEST(EventStream, KnowsWhetherAnEventIsCutOff) {
  EXPECT_FALSE(take("data: a\n\n", 3).in_event);
  EXPECT_FALSE(take("data: a\n\n: comm", 3).in_event);
  EXPECT_FALSE(take("data: a\r\r", 3).in_event);
  EXPECT_TRUE(take("data: a\n", 3).in_event);
  EXPECT_TRUE(take("data: a", 3).in_event);
  EXPECT_TRUE(take("event: x\n", 3).in_event);
}

TEST(EventStream, CutsLongFieldsAndHoldsNoComment) {
  const std::string name(2 * kStreamFieldBytesMax, 'n');
  const Taken got = take("event: " + name + "\ndata: a\n\n:" + std::string(1'000'000, 'c'), 1'000);
  ASSERT_EQ(got.events.size(), 1U);
  EXPECT_EQ(got.events[0].type, name.substr(0, kStreamFieldBytesMax));
  EXPECT_LE(got.held_max, kStreamFieldBytesMax);
}

TEST(EventStream, ReadsManyShortLinesWithoutSearchingTwice) {
  // With one search for LF per line this takes minutes.
  std::string stream(4 * kMiB, '\r');
  stream += "data: a\r\r";
  const Taken got = take(stream, stream.size());
  EXPECT_EQ(got.events.size(), 1U);
}

}  // namespace
}  // namespace tally::http
