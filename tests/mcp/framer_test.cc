// SPDX-License-Identifier: Apache-2.0
#include "mcp/framer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tally::mcp {
namespace {

/// What came out of a framer, in a form that can be compared.
struct Taken {
  std::vector<std::string> texts;
  std::vector<bool> ended;
  std::vector<std::string> oversize;  // whole lines, put together again
  std::vector<bool> oversize_ended;
  std::string bytes;  // of all steps
  friend bool operator==(const Taken&, const Taken&) = default;
};

void take(Framer& framer, Taken& out) {
  for (;;) {
    const FrameStep step = framer.next();
    if (std::holds_alternative<NeedBytes>(step)) return;
    if (const auto* frame = std::get_if<Frame>(&step)) {
      out.texts.emplace_back(frame->text);
      out.ended.push_back(frame->ended);
      out.bytes += frame->bytes;
      continue;
    }
    const auto& part = std::get<OversizePart>(step);
    if (part.first) out.oversize.emplace_back();
    out.oversize.back() += part.bytes;
    out.bytes += part.bytes;
    if (part.last) out.oversize_ended.push_back(part.ended);
  }
}

template <class NextSize>
Taken run(std::string_view input, std::size_t frame_bytes_max, NextSize next_size) {
  Framer framer(frame_bytes_max);
  Taken out;
  while (!input.empty()) {
    const std::string piece(input.substr(0, next_size()));  // a buffer of its own, gone afterwards
    input.remove_prefix(piece.size());
    framer.feed(piece);
    take(framer, out);
  }
  framer.finish();
  take(framer, out);
  take(framer, out);
  return out;
}

Taken run_whole(std::string_view input, std::size_t frame_bytes_max = kMessageBytesMax) {
  return run(input, frame_bytes_max, [&] { return input.size(); });
}

TEST(Framer, CutsLinesAndKeepsEveryByte) {
  const std::string_view input = "{\"a\":1}\n{\"b\":2}\r\n\n \r\nlast";
  const Taken taken = run_whole(input);
  EXPECT_EQ(taken.texts, (std::vector<std::string>{"{\"a\":1}", "{\"b\":2}", "", " ", "last"}));
  EXPECT_EQ(taken.ended, (std::vector<bool>{true, true, true, true, false}));
  EXPECT_EQ(taken.bytes, input);
}

TEST(Framer, OnlyOneCarriageReturnIsLineEnd) {
  EXPECT_EQ(run_whole("a\r\r\n").texts, std::vector<std::string>{"a\r"});
  EXPECT_EQ(run_whole("a\rb\n").texts, std::vector<std::string>{"a\rb"});
}

TEST(Framer, NothingIsNoFrame) {
  EXPECT_TRUE(run_whole("").texts.empty());
  EXPECT_TRUE(run_whole("x\n").ended.front());
}

TEST(Framer, ADirectLineIsAViewIntoTheInput) {
  Framer framer;
  const std::string input = "one\ntwo\n";
  framer.feed(input);
  const FrameStep step = framer.next();
  EXPECT_EQ(std::get<Frame>(step).bytes.data(), input.data());
}

TEST(Framer, ALineOfExactlyTheLimitIsAFrame) {
  const Taken taken = run_whole("12345678\n", 8);
  EXPECT_EQ(taken.texts, std::vector<std::string>{"12345678"});
  EXPECT_TRUE(taken.oversize.empty());
}

TEST(Framer, OneByteMoreIsOversizeAndItsBytesStillPass) {
  const Taken taken = run_whole("123456789\nnext\n", 8);
  EXPECT_EQ(taken.oversize, std::vector<std::string>{"123456789\n"});
  EXPECT_EQ(taken.oversize_ended, std::vector<bool>{true});
  EXPECT_EQ(taken.texts, std::vector<std::string>{"next"});
}

TEST(Framer, AnOversizeLineMayEndWithTheStream) {
  const Taken taken = run_whole("123456789", 8);
  EXPECT_EQ(taken.oversize, std::vector<std::string>{"123456789"});
  EXPECT_EQ(taken.oversize_ended, std::vector<bool>{false});
}

TEST(Framer, HoldsNoMoreThanTheLimit) {
  Framer framer(1000);
  Taken out;
  const std::string piece(700, 'x');
  for (int i = 0; i < 100; ++i) {
    framer.feed(piece);
    take(framer, out);
    ASSERT_LE(framer.held(), 1000U);
  }
  framer.feed("\n");
  take(framer, out);
  ASSERT_EQ(out.oversize.size(), 1U);
  EXPECT_EQ(out.oversize.front().size(), 70'001U);
}

TEST(Framer, AnyCutGivesTheSameFrames) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string input;
    const std::size_t length = random() % 200;
    for (std::size_t i = 0; i < length; ++i) input += "ab{}\r\n\n"[random() % 7];
    for (const std::size_t limit : {std::size_t{3}, std::size_t{9}, kMessageBytesMax}) {
      const Taken whole = run_whole(input, limit);
      ASSERT_EQ(whole.bytes, input);
      for (const std::size_t most : {1U, 2U, 5U, 40U}) {
        const Taken cut = run(input, limit, [&] { return 1 + random() % most; });
        ASSERT_EQ(cut, whole) << testing::PrintToString(input) << " limit " << limit;
      }
    }
  }
}

TEST(Framer, TheLimitMayChangeBetweenFeeds) {
  Framer framer(100);
  Taken out;
  framer.feed("12345");
  take(framer, out);
  framer.set_frame_bytes_max(6);
  framer.feed("678\n");
  take(framer, out);
  EXPECT_EQ(out.oversize, std::vector<std::string>{"12345678\n"});
}

}  // namespace
}  // namespace tally::mcp
