// SPDX-License-Identifier: Apache-2.0
#include "server/ingest_body.h"

#include "base/limits.h"
#include "server/compress.h"

#include <gtest/gtest.h>

namespace tally::server {
namespace {

TEST(IngestBody, TheFormFollowsTheMediaType) {
  EXPECT_EQ(ingest_form("application/json", R"({"a":1})"), IngestForm::one);
  EXPECT_EQ(ingest_form("", " \n[{}]"), IngestForm::array);
  EXPECT_EQ(ingest_form("Application/JSON; charset=utf-8", "[1]"), IngestForm::array);
  EXPECT_EQ(ingest_form("application/cloudevents+json", "{}"), IngestForm::one);
  for (const char* lines : {"application/x-ndjson", "application/ndjson", "application/jsonl"}) {
    EXPECT_EQ(ingest_form(lines, "[1]"), IngestForm::lines);
  }
  for (const char* other : {"text/plain", "application/x-www-form-urlencoded", "nonsense"}) {
    EXPECT_EQ(ingest_form(other, "{}").error().code, Errc::unsupported) << other;
  }
}

std::vector<std::string> texts(IngestForm form, std::string_view body) {
  std::vector<std::string> out;
  const auto events = split_events(form, body);
  if (!events) return {"error: " + events.error().detail};
  for (const RawEvent& event : *events) {
    out.push_back(std::to_string(event.index) + ' ' + std::string(event.text));
  }
  return out;
}

TEST(IngestBody, LinesKeepTheirNumbersAndBlankOnesAreNone) {
  EXPECT_EQ(texts(IngestForm::lines, "\xEF\xBB\xBF{\"a\":1}\r\n\n  \n{\"b\":2}"),
            (std::vector<std::string>{"0 {\"a\":1}\r", "3 {\"b\":2}"}));
  EXPECT_EQ(texts(IngestForm::array, R"( [ {"a":[1,2]} , "x" ] )"),
            (std::vector<std::string>{R"(0 {"a":[1,2]})", "1 \"x\""}));
  EXPECT_EQ(texts(IngestForm::one, "{\n}"), (std::vector<std::string>{"0 {\n}"}));
}

TEST(IngestBody, WhatHoldsNoEventsSaysSo) {
  for (const IngestForm form : {IngestForm::one, IngestForm::lines}) {
    EXPECT_EQ(split_events(form, " \n ").error().code, Errc::invalid_argument);
  }
  EXPECT_EQ(split_events(IngestForm::array, "[]").error().code, Errc::invalid_argument);
  EXPECT_EQ(split_events(IngestForm::array, "[{}").error().code, Errc::malformed);
}

TEST(IngestBody, MoreThanTheLimitIsTooLarge) {
  std::string lines, array = "[";
  for (std::size_t i = 0; i <= kIngestEventsMax; ++i) {
    lines += "{}\n";
    array += i == 0 ? "1" : ",1";
  }
  array += ']';
  EXPECT_EQ(split_events(IngestForm::lines, lines).error().code, Errc::too_large);
  EXPECT_EQ(split_events(IngestForm::array, array).error().code, Errc::too_large);
  EXPECT_EQ(split_events(IngestForm::lines, lines.substr(3))->size(), kIngestEventsMax);
}

TEST(IngestBody, CodingsAreUndoneAndBombsAreNot) {
  using enum http::ContentCoding;
  EXPECT_EQ(decode_body(server::gzip("{}"), {gzip}), "{}");
  EXPECT_EQ(decode_body("{}", {}), "{}");
  EXPECT_EQ(decode_body(server::gzip(server::gzip("{}")), {gzip, gzip}), "{}");
  const std::string cut = server::gzip(std::string(1'000, 'x'));
  EXPECT_EQ(decode_body(cut.substr(0, cut.size() - 9), {gzip}).error().code, Errc::malformed);
  EXPECT_EQ(decode_body("no gzip", {gzip}).error().code, Errc::malformed);
  const std::string bomb = server::gzip(std::string(kApiBodyBytesMax + 1, ' '));
  EXPECT_LT(bomb.size(), kApiBodyBytesMax / 100);
  EXPECT_EQ(decode_body(bomb, {gzip}).error().code, Errc::too_large);
}

TEST(IngestBody, AByteOrderMarkIsLeftOutOnce) {
  EXPECT_EQ(without_byte_order_mark("\xEF\xBB\xBF{}"), "{}");
  EXPECT_EQ(without_byte_order_mark("\xEF\xBB\xBF\xEF\xBB\xBF{}"), "\xEF\xBB\xBF{}");
  EXPECT_EQ(without_byte_order_mark(" {}"), " {}");
  EXPECT_EQ(ingest_form("application/json", "\xEF\xBB\xBF[{}]"), IngestForm::array);
}

}  // namespace
}  // namespace tally::server
