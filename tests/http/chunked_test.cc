// SPDX-License-Identifier: Apache-2.0
#include "http/chunked.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

namespace tally::http {
namespace {

/// What a decoder made of an input: data, then "end", a fault or "need-more", then what was left.
struct Read {
  std::string data, verdict, trailers, rest;
  friend bool operator==(const Read&, const Read&) = default;
};

Read read(std::string_view input, std::size_t piece_bytes) {
  ChunkedDecoder decoder;
  Read out{.data = {}, .verdict = "need-more", .trailers = {}, .rest = {}};
  while (!input.empty() && out.verdict == "need-more") {
    const std::string piece(input.substr(0, piece_bytes));
    std::string_view rest = piece;
    input.remove_prefix(piece.size());
    for (;;) {
      const ChunkStep step = decoder.next(rest);
      if (step.state == ChunkStep::State::need_more) break;
      if (step.state == ChunkStep::State::data) {
        EXPECT_FALSE(step.bytes.empty());
        EXPECT_GE(step.bytes.data(), piece.data());  // a view into the input
        EXPECT_LE(step.bytes.data() + step.bytes.size(), piece.data() + piece.size());
        out.data += step.bytes;
        continue;
      }
      out.verdict = step.state == ChunkStep::State::end ? "end" : fault_name(step.fault);
      break;
    }
    if (out.verdict == "end") out.rest = std::string(rest) + std::string(input);
  }
  for (const Field field : decoder.trailers()) {
    out.trailers += std::string(field.name) + "=" + std::string(field.value) + ";";
  }
  return out;
}

struct ChunkCase {
  std::string_view input, verdict, data;
};

const std::vector<ChunkCase>& cases() {
  using namespace std::string_view_literals;
  static const std::vector<ChunkCase> all{
      {"0\r\n\r\n"sv, "end", ""},
      {"5\r\nhello\r\n0\r\n\r\n"sv, "end", "hello"},
      {"5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"sv, "end", "hello!"},
      {"a\r\n0123456789\r\n000\r\n\r\n"sv, "end", "0123456789"},
      {"A\r\n\r\n\r\n\r\n\r\n\0\n\r\n0\r\n\r\n"sv, "end", "\r\n\r\n\r\n\r\n\0\n"sv},
      {"0000000000000001\r\nx\r\n0\r\n\r\n"sv, "end", "x"},
      {"1;a=b;c\r\nx\r\n0;last\r\n\r\n"sv, "end", "x"},
      {"1;a=\"q;\\\"\"\r\nx\r\n0\r\n\r\n"sv, "end", "x"},
      {"0\r\nA: b\r\nC:\r\n\r\n"sv, "end", ""},
      {""sv, "need-more", ""},
      {"5\r\nhel"sv, "need-more", "hel"},
      {"5\r\nhello\r\n0\r\n"sv, "need-more", "hello"},
      {"\r\n"sv, "chunk-bad-size", ""},
      {"g\r\n"sv, "chunk-bad-size", ""},
      {"0x1\r\nx\r\n"sv, "chunk-bad-size", ""},
      {"+1\r\nx\r\n"sv, "chunk-bad-size", ""},
      {"-1\r\nx\r\n"sv, "chunk-bad-size", ""},
      {" 1\r\nx\r\n"sv, "chunk-bad-size", ""},
      {"1 \r\nx\r\n"sv, "chunk-bad-size", ""},
      {"1 ;a\r\nx\r\n"sv, "chunk-bad-size", ""},
      {"1_0\r\nx\r\n"sv, "chunk-bad-size", ""},
      {";a\r\nx\r\n"sv, "chunk-bad-size", ""},
      {"00000000000000001\r\nx\r\n"sv, "chunk-bad-size", ""},
      {"1\nx\r\n0\r\n\r\n"sv, "chunk-bad-line-end", ""},
      {"1\r\rx"sv, "chunk-bad-line-end", ""},
      {"1\r\nxx\r\n"sv, "chunk-bad-line-end", "x"},
      {"1\r\nx\n0\r\n\r\n"sv, "chunk-bad-line-end", "x"},
      {"1\r\nx\r0"sv, "chunk-bad-line-end", "x"},
      {"1;a\nx\r\n"sv, "chunk-bad-line-end", ""},
      {"1;a\rb\r\nx\r\n"sv, "chunk-bad-line-end", ""},
      {"1;a\0\r\nx\r\n"sv, "chunk-bad-extension", ""},
      {"1;\x7f\r\nx\r\n"sv, "chunk-bad-extension", ""},
      {"0\r\nA: b\n\r\n"sv, "chunk-bad-line-end", ""},
      {"0\r\n\n"sv, "chunk-bad-line-end", ""},
      {"0\r\nA : b\r\n\r\n"sv, "chunk-bad-trailer", ""},
      {"0\r\n A: b\r\n\r\n"sv, "chunk-bad-trailer", ""},
      {"0\r\nA\r\n\r\n"sv, "chunk-bad-trailer", ""},
      {"0\r\nA: \r\rb\r\n\r\n"sv, "chunk-bad-trailer", ""},
      {"0\r\nContent-Length: 5\r\n\r\n"sv, "chunk-forbidden-trailer", ""},
      {"0\r\nTransfer-Encoding: chunked\r\n\r\n"sv, "chunk-forbidden-trailer", ""},
      {"0\r\nHost: a\r\n\r\n"sv, "chunk-forbidden-trailer", ""},
      {"0\r\nAuthorization: a\r\n\r\n"sv, "chunk-forbidden-trailer", ""},
      {"0\r\nMcp_Name: a\r\n\r\n"sv, "chunk-forbidden-trailer", ""},
  };
  return all;
}

TEST(Chunked, GivesTheExpectedVerdictAtEveryCut) {
  for (const ChunkCase& c : cases()) {
    const Read whole = read(c.input, c.input.size());
    EXPECT_EQ(whole.verdict, c.verdict) << c.input;
    EXPECT_EQ(whole.data, c.data) << c.input;
    for (std::size_t piece = 1; piece < c.input.size(); ++piece) {
      EXPECT_EQ(read(c.input, piece), whole) << c.input << " in pieces of " << piece;
    }
  }
}

TEST(Chunked, LeavesWhatFollowsAndKeepsTrailers) {
  const std::string_view input = "3;x\r\nabc\r\n0\r\nX-Sum: 1\r\nx-sum:2\r\n\r\nGET / HTTP";
  for (std::size_t piece = 1; piece <= input.size(); ++piece) {
    const Read got = read(input, piece);
    EXPECT_EQ(got, (Read{"abc", "end", "X-Sum=1;x-sum=2;", "GET / HTTP"}));
  }
}

TEST(Chunked, BoundsExtensionsAndTrailers) {
  std::string drip;  // many chunks with a short extension each
  for (std::size_t bytes = 0; bytes < kChunkExtensionBytesMax; bytes += 8)
    drip += "1;abcdefgh\r\nx\r\n";
  EXPECT_EQ(read(drip + "1;a\r\nx\r\n", 7).verdict, "chunk-extension-too-large");
  const std::string one = "1;" + std::string(kChunkExtensionBytesMax, 'a') + "\r\nx\r\n0\r\n\r\n";
  const std::string fits =
      "1;" + std::string(kChunkExtensionBytesMax - 1, 'a') + "\r\nx\r\n0\r\n\r\n";
  const std::string line = "0\r\nA: " + std::string(kHttpTrailerBytesMax, 'a') + "\r\n\r\n";
  const std::string line_fits =
      "0\r\nA: " + std::string(kHttpTrailerBytesMax - 7, 'a') + "\r\n\r\n";
  std::string many = "0\r\n";
  for (std::size_t i = 0; i <= kHttpTrailersMax; ++i) many += "A: b\r\n";
  for (std::size_t piece : {std::size_t{1}, std::size_t{1000}, one.size()}) {
    EXPECT_EQ(read(one, piece).verdict, "chunk-extension-too-large");
    EXPECT_EQ(read(fits, piece).verdict, "end");
    EXPECT_EQ(read(line, piece).verdict, "chunk-trailer-too-large");
    EXPECT_EQ(read(line_fits, piece).verdict, "end");
    EXPECT_EQ(read(many, piece).verdict, "chunk-trailer-too-large");
  }
}

TEST(Chunked, ReadsWhatItWrites) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string expected, input;
    for (std::size_t chunks = random() % 6; chunks > 0; --chunks) {
      const std::string data(1 + random() % 300, static_cast<char>(random() % 256));
      expected += data;
      input += chunk_head(data.size()) + data + std::string(kChunkTail);
    }
    FieldList trailers;
    if (random() % 2 == 0) trailers.add("X-Sum", "1");
    input += trailers.empty() ? std::string(kLastChunk) : last_chunk(trailers);
    const Read got = read(input, 1 + random() % 50);
    EXPECT_EQ(got, (Read{expected, "end", trailers.empty() ? "" : "X-Sum=1;", ""}));
  }
  EXPECT_EQ(chunk_head(31), "1f\r\n");
  EXPECT_EQ(chunk_head(~std::uint64_t{0}), "ffffffffffffffff\r\n");
  EXPECT_EQ(last_chunk({}), kLastChunk);
}

TEST(Chunked, StaysAtItsEndAndStartsAnew) {
  ChunkedDecoder decoder;
  std::string_view input = "0\r\n\r\nrest";
  EXPECT_EQ(decoder.next(input).state, ChunkStep::State::end);
  EXPECT_EQ(decoder.next(input).state, ChunkStep::State::end);
  EXPECT_EQ(input, "rest");
  decoder.reset();
  EXPECT_EQ(decoder.next(input).state, ChunkStep::State::refused);
  EXPECT_EQ(decoder.next(input).fault, ChunkFault::bad_size);
  decoder.reset();
  input = "ff\r\nab";
  EXPECT_EQ(decoder.next(input).bytes, "ab");
  EXPECT_EQ(decoder.remaining(), 253U);
}

TEST(Chunked, EveryFaultHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(ChunkFault::forbidden_trailer); ++i) {
    EXPECT_TRUE(names.insert(fault_name(static_cast<ChunkFault>(i))).second);
  }
}

}  // namespace
}  // namespace tally::http
