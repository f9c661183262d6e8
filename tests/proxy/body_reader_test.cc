// SPDX-License-Identifier: Apache-2.0
#include "proxy/body_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace tally::proxy {
namespace {

using http::BodyKind;
using State = http::ChunkStep::State;

/// Reads `bytes` in pieces of `cut`; what the body was, and the last state.
struct Read {
  std::string body;
  std::string rest;
  State last = State::need_more;
};
Read read(BodyReader& reader, std::string_view bytes, std::size_t cut) {
  Read out;
  while (out.last == State::need_more) {
    std::string_view input = bytes.substr(0, cut);
    bytes.remove_prefix(input.size());
    const bool nothing = input.empty();
    for (;;) {
      const auto step = reader.next(input);
      out.last = step.state;
      if (step.state != State::data) break;
      out.body += step.bytes;
    }
    out.rest = std::string(input) + std::string(bytes);
    if (nothing) break;
  }
  return out;
}

TEST(BodyReader, EveryFramingAtEveryCut) {
  for (std::size_t cut = 1; cut < 20; ++cut) {
    BodyReader length({BodyKind::length, 5});
    const Read one = read(length, "helloNEXT", cut);
    EXPECT_EQ(one.body, "hello");
    EXPECT_EQ(one.last, State::end);
    EXPECT_EQ(one.rest, "NEXT");

    BodyReader chunked({BodyKind::chunked, 0});
    const Read two = read(chunked, "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\nNEXT", cut);
    EXPECT_EQ(two.body, "hello");
    EXPECT_EQ(two.last, State::end);
    EXPECT_EQ(two.rest, "NEXT");

    BodyReader open({BodyKind::until_close, 0});
    const Read three = read(open, "hello", cut);
    EXPECT_EQ(three.body, "hello");
    EXPECT_EQ(three.last, State::need_more);
    EXPECT_TRUE(open.may_end());
    EXPECT_FALSE(length.may_end());
  }
}

TEST(BodyReader, BodiesWithoutBytesEndWithoutWaiting) {
  std::string_view nothing;
  EXPECT_EQ(BodyReader({BodyKind::none, 0}).next(nothing).state, State::end);
  EXPECT_EQ(BodyReader({BodyKind::length, 0}).next(nothing).state, State::end);
  EXPECT_EQ(BodyReader({BodyKind::length, 1}).next(nothing).state, State::need_more);
}

TEST(BodyReader, TrailersAreKept) {
  BodyReader reader({BodyKind::chunked, 0});
  EXPECT_EQ(read(reader, "0\r\nX-T: 1\r\n\r\n", 3).last, State::end);
  EXPECT_EQ(reader.trailers().find("x-t"), "1");
}

}  // namespace
}  // namespace tally::proxy
