// SPDX-License-Identifier: Apache-2.0
#include "dialect/draft.h"

#include "dialect/accepted.h"

#include <gtest/gtest.h>

#include <deque>

namespace tally::dialect {
namespace {

using event::Field;
using test::accepted;
using test::Line;

class DraftTest : public ::testing::Test {
 protected:
  bool take(Field field, const std::string& json) {
    text_.push_back(json);
    const auto value = document_.parse(std::string_view(text_.back()));
    EXPECT_TRUE(value) << json;
    return value && draft_.take(field, *value);
  }
  bool take_time(const std::string& json) {
    text_.push_back(json);
    return draft_.take_time(*document_.parse(std::string_view(text_.back())));
  }
  std::deque<std::string> text_;
  json::Document document_;
  Draft draft_;
};

TEST_F(DraftTest, WhatIsTakenIngestTakesToo) {
  draft_.set(Field::event_name, "x");
  // A value for every field, good or bad: what the draft takes, ingest must not refuse.
  const std::string long_text = '"' + std::string(kFieldBytesMax + 1, 'a') + '"';
  const std::vector<std::string> values{"\"a\"",
                                        "1",
                                        "-1",
                                        "1e9",
                                        "null",
                                        "true",
                                        "{}",
                                        "[]",
                                        "[\"a\"]",
                                        "[1]",
                                        "\"\"",
                                        "\"failed\"",
                                        "\"user\"",
                                        "\"mcp\"",
                                        "\"high\"",
                                        "\"info\"",
                                        "\"a b\"",
                                        "\"\\u0000\"",
                                        "\"2026-11-21T19:00:00Z\"",
                                        "\"claimed\"",
                                        "\"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d\"",
                                        "\"019AA7C2-5B1E-7C3A-9F00-3D2F8A6B1C4D\"",
                                        "[{\"path\":\"a\",\"rule\":\"b\",\"action\":\"c\"}]",
                                        "{\"a\":1}",
                                        long_text};
  std::size_t taken = 0;
  for (std::size_t i = 0; i < event::kFieldCount; ++i) {
    const auto field = static_cast<Field>(i);
    for (const std::string& value : values) {
      Draft draft;
      json::Document document;
      const auto parsed = document.parse(std::string_view(value));
      ASSERT_TRUE(parsed) << value;
      if (field != Field::event_name) draft.set(Field::event_name, "x");
      if (!draft.take(field, *parsed)) continue;
      ++taken;
      const std::string text = draft.finish();
      EXPECT_FALSE(accepted(text).starts_with("error")) << text << accepted(text);
    }
  }
  EXPECT_GT(taken, 150U);
}

TEST_F(DraftTest, AFieldIsSetOnce) {
  EXPECT_TRUE(take(Field::actor_id, "\"a\""));
  EXPECT_FALSE(take(Field::actor_id, "\"b\""));
  draft_.set(Field::actor_id, "c");
  EXPECT_EQ(draft_.finish(), R"({"actor_id":"a"})");
}

TEST_F(DraftTest, TimesOfManyKinds) {
  const auto of = [&](const std::string& json) {
    draft_ = Draft();
    return take_time(json) ? Line(draft_.finish()).at({"timestamp"}) : "no";
  };
  EXPECT_EQ(of("\"2026-11-21T20:00:00+01:00\""), "\"2026-11-21T19:00:00.000000Z\"");
  EXPECT_EQ(of("\"2026-11-21 19:00:00\""), "\"2026-11-21T19:00:00.000000Z\"");
  EXPECT_EQ(of("\"2026-11-21T19:00:00.5\""), "\"2026-11-21T19:00:00.500000Z\"");
  EXPECT_EQ(of("1795287600000"), "\"2026-11-21T19:00:00.000000Z\"");
  EXPECT_EQ(of("1795287600"), "no");
  EXPECT_EQ(of("1e12"), "no");
  EXPECT_EQ(of("99999999999999999999"), "no");
  EXPECT_EQ(of("\"yesterday\""), "no");
  EXPECT_EQ(of("{}"), "no");
}

TEST_F(DraftTest, DetailsAndOthersStandWhereTheyBelong) {
  draft_.detail("a", "1");
  draft_.detail("b\"", "[]");
  draft_.other("x", "{}");
  EXPECT_TRUE(draft_.has_detail("a"));
  EXPECT_FALSE(draft_.has_detail("c"));
  EXPECT_EQ(draft_.finish(), R"({"details":{"a":1,"b\"":[]},"x":{}})");
  draft_.other("x", "{}");
  EXPECT_FALSE(draft_.has_detail("a"));
  EXPECT_EQ(draft_.finish(), R"({"x":{}})");
  EXPECT_EQ(draft_.finish(), "{}");
}

TEST_F(DraftTest, FailuresByStatusAndName) {
  using event::EventResult;
  EXPECT_EQ(failure_of(0, ""), EventResult::failure);
  EXPECT_EQ(failure_of(404, "NotFoundError"), EventResult::failure);
  EXPECT_EQ(failure_of(403, ""), EventResult::denied);
  EXPECT_EQ(failure_of(429, ""), EventResult::denied);
  EXPECT_EQ(failure_of(0, "NotAllowedError"), EventResult::denied);
  EXPECT_EQ(failure_of(500, ""), EventResult::error);
  EXPECT_EQ(failure_of(0, "InputError"), EventResult::failure);
  EXPECT_EQ(failure_of(0, "TypeError"), EventResult::error);
  EXPECT_EQ(failure_of(0, "Error", "Tool \"x\" reported isError=true"), EventResult::failure);
}

}  // namespace
}  // namespace tally::dialect
