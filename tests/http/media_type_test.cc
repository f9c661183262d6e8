// SPDX-License-Identifier: Apache-2.0
#include "http/media_type.h"

#include <gtest/gtest.h>

namespace tally::http {
namespace {

TEST(MediaType, ReadsTypeAndParameters) {
  const auto got = parse_media_type("  Application/JSON ; Charset = utf-8");
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->is_json());
  EXPECT_EQ(got->parameter("charset"), "");  // white space around "=" is not allowed
  const auto charset = parse_media_type("application/json;charset=\"UTF-\\8\"; x=1;charset=z");
  ASSERT_TRUE(charset);
  EXPECT_EQ(charset->parameter("charset"), "UTF-8");
  EXPECT_EQ(charset->parameter("x"), "1");
  EXPECT_EQ(charset->parameters.size(), 3U);
}

TEST(MediaType, KnowsItsKinds) {
  EXPECT_TRUE(parse_media_type("text/event-stream; charset=utf-8")->is_event_stream());
  EXPECT_TRUE(parse_media_type("application/problem+json")->is_json());
  EXPECT_TRUE(parse_media_type("application/x-www-form-urlencoded")->is_form());
  EXPECT_FALSE(parse_media_type("application/+json")->is_json());
  EXPECT_FALSE(parse_media_type("text/json")->is_json());
  EXPECT_FALSE(parse_media_type("application/jsonl")->is_json());
  EXPECT_FALSE(parse_media_type("text/html")->is_event_stream());
}

TEST(MediaType, RefusesWhatIsNone) {
  for (const char* bad : {"", " ", "json", "/json", "application/", "application /json",
                          "application/json, text/html", "application/json text", "a/b/c"}) {
    EXPECT_FALSE(parse_media_type(bad)) << bad;
  }
}

TEST(MediaType, KnowsEventStreamsAtOnce) {
  for (const char* value :
       {"text/event-stream", " TEXT/Event-Stream\t", "text/event-stream;x",
        "text/event-stream ; charset=utf-8", "text/event-stream, a/b", "text/event-streams",
        "text/event-stream a", "text/html", "text/", ""}) {
    const auto parsed = parse_media_type(value);
    EXPECT_EQ(is_event_stream(value), parsed && parsed->is_event_stream()) << value;
  }
  EXPECT_TRUE(is_event_stream("Text/event-stream;charset=utf-8"));
}

TEST(MediaType, KnowsParametersThatContradict) {
  EXPECT_TRUE(parse_media_type("a/b;charset=utf-8;charset=utf-7")->is_contradictory("charset"));
  EXPECT_FALSE(parse_media_type("a/b;charset=utf-8;Charset=UTF-8")->is_contradictory("charset"));
  EXPECT_FALSE(parse_media_type("a/b;charset=utf-8;x=1")->is_contradictory("charset"));
  EXPECT_FALSE(parse_media_type("a/b")->is_contradictory("charset"));
}

TEST(MediaType, ToleratesBrokenParameters) {
  for (const char* value :
       {"a/b;", "a/b;;", "a/b; ;x=1", "a/b;x", "a/b;x=", "a/b;x=\"1", "a/b;=1"}) {
    EXPECT_TRUE(parse_media_type(value)) << value;
  }
  EXPECT_EQ(parse_media_type("a/b; ;x=1")->parameter("x"), "1");
  EXPECT_EQ(parse_media_type("a/b;x=1;y")->parameter("x"), "1");
  EXPECT_EQ(parse_media_type("a/b;x=1 y=2")->parameter("x"), "1");
}

}  // namespace
}  // namespace tally::http
