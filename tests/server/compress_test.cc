// SPDX-License-Identifier: Apache-2.0
#include "server/compress.h"

#include "http/content_decoder.h"

#include <gtest/gtest.h>

namespace tally::server {
namespace {

TEST(Compress, AcceptEncodingIsReadAsRfc9110Says) {
  for (const char* yes :
       {"gzip", "br, gzip", "GZIP", "x-gzip", "*", "gzip;q=0.1", "identity;q=0, *"}) {
    EXPECT_TRUE(accepts_gzip(yes)) << yes;
  }
  for (const char* no :
       {"", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzip;q=0, *", "notgzip"}) {
    EXPECT_FALSE(accepts_gzip(no)) << no;
  }
}

TEST(Compress, WhatIsCompressedReadsBack) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * 7919);
  std::string plain;
  http::ContentDecoder decoder({http::ContentCoding::gzip});
  decoder.feed(gzip(text), [&](std::string_view bytes) { plain.append(bytes); });
  EXPECT_EQ(decoder.finish(), http::DecodeState::good);
  EXPECT_EQ(plain, text);
}

class Waits final : public BodySource {
 public:
  Result<Piece> next() override {
    return ++calls_ == 1 ? Piece{"seen now", State::wait} : Piece{"", State::end};
  }

 private:
  int calls_ = 0;
};

TEST(Compress, WhatASourceGaveBeforeItWaitsIsReadable) {
  const auto source = gzip_source(std::make_shared<Waits>());
  std::string plain;
  http::ContentDecoder decoder({http::ContentCoding::gzip});
  const auto feed = [&](const BodySource::Piece& piece) {
    decoder.feed(piece.bytes, [&](std::string_view bytes) { plain.append(bytes); });
  };
  feed(*source->next());
  EXPECT_EQ(plain, "seen now");
  feed(*source->next());
  EXPECT_EQ(decoder.finish(), http::DecodeState::good);
}

TEST(Compress, OnlyTextIsWorthItAndNoEventStream) {
  EXPECT_TRUE(is_compressible("application/problem+json"));
  EXPECT_TRUE(is_compressible("text/csv; charset=utf-8"));
  EXPECT_TRUE(is_compressible("application/x-ndjson"));
  EXPECT_FALSE(is_compressible("text/event-stream"));
  EXPECT_FALSE(is_compressible("application/octet-stream"));
}

TEST(Compress, ETagsAreComparedWeakly) {
  for (const char* yes : {"\"abc\"", "W/\"abc\"", "\"x\", W/\"abc\"", "*"}) {
    EXPECT_TRUE(etag_matches(yes, "abc")) << yes;
  }
  for (const char* no : {"", "abc", "\"abcd\"", "W/\"ab\""}) {
    EXPECT_FALSE(etag_matches(no, "abc")) << no;
  }
}

}  // namespace
}  // namespace tally::server
