// SPDX-License-Identifier: Apache-2.0
#include "proxy/decoded_body.h"

#include "proxy/deflated.h"

#include <gtest/gtest.h>

namespace tally::proxy {
namespace {

using test::deflated;

http::FieldList fields(std::string_view type, std::string_view coding = "") {
  http::FieldList out;
  if (!type.empty()) out.add("Content-Type", type);
  if (!coding.empty()) out.add("Content-Encoding", coding);
  return out;
}

TEST(DecodedBody, PlainTextIsItself) {
  const DecodedBody body(fields("application/json"), "{\"a\":1}", 100);
  EXPECT_TRUE(body.good());
  EXPECT_EQ(body.text(), "{\"a\":1}");
}

TEST(DecodedBody, CodingsAreUndone) {
  const std::string raw = deflated("{\"a\":1}");
  const DecodedBody body(fields("application/json", "deflate"), raw, 100);
  EXPECT_TRUE(body.good()) << body.reason();
  EXPECT_EQ(body.text(), "{\"a\":1}");
}

TEST(DecodedBody, Utf16IsReadAsAServerWould) {
  using namespace std::string_view_literals;
  const DecodedBody body(fields("application/json"), "{\0\"\0a\0\"\0:\0\61\0}\0"sv, 100);
  EXPECT_TRUE(body.good()) << body.reason();
  EXPECT_EQ(body.text(), "{\"a\":1}");
}

TEST(DecodedBody, WhatCannotBeReadSaysWhy) {
  EXPECT_FALSE(DecodedBody(fields("application/json", "zstd"), "x", 100).good());
  EXPECT_FALSE(DecodedBody(fields("application/json", "gzip"), "no gzip", 100).good());
  const std::string bomb = deflated(std::string(10'000, 'x'));
  const DecodedBody too_large(fields("application/json", "deflate"), bomb, 100);
  EXPECT_FALSE(too_large.good());
  EXPECT_NE(too_large.reason().find("content-encoding"), std::string::npos);
  EXPECT_FALSE(DecodedBody(fields("application/json; charset=utf-7"), "{}", 100).good());
}

TEST(DecodedBody, CharsetOfTheContentType) {
  EXPECT_EQ(charset_of(fields("application/json; charset=\"UTF-8\"")), "UTF-8");
  EXPECT_EQ(charset_of(fields("application/json")), "");
  EXPECT_EQ(charset_of(fields("")), "");
}

}  // namespace
}  // namespace tally::proxy
