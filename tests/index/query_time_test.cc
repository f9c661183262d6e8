// SPDX-License-Identifier: Apache-2.0
#include "index/query_time.h"

#include <gtest/gtest.h>

namespace tally::index {
namespace {

const WallTime kNow = *parse_time("2026-11-21T19:00:00Z");

/// "first / last" in full, or "-".
std::string span(std::string_view text) {
  const auto s = parse_time_span(text, kNow);
  if (!s) return "-";
  const auto show = [](std::int64_t micros) {
    return format_time(WallTime(std::chrono::microseconds(micros)));
  };
  return show(s->micros.low) + " / " + show(s->micros.high) + (s->relative ? " relative" : "");
}

TEST(QueryTime, DatesCoverWhatTheyName) {
  EXPECT_EQ(span("2026-11-20"), "2026-11-20T00:00:00.000000Z / 2026-11-20T23:59:59.999999Z");
  EXPECT_EQ(span("2026-02"), "2026-02-01T00:00:00.000000Z / 2026-02-28T23:59:59.999999Z");
  EXPECT_EQ(span("2024-12"), "2024-12-01T00:00:00.000000Z / 2024-12-31T23:59:59.999999Z");
  EXPECT_EQ(span("2026"), "2026-01-01T00:00:00.000000Z / 2026-12-31T23:59:59.999999Z");
  EXPECT_EQ(span("2026-11-20T10:30"), "2026-11-20T10:30:00.000000Z / 2026-11-20T10:30:59.999999Z");
  EXPECT_EQ(span("2026-11-20 10:30"), "2026-11-20T10:30:00.000000Z / 2026-11-20T10:30:59.999999Z");
  EXPECT_EQ(span("2026-11-20T10:30:05"),
            "2026-11-20T10:30:05.000000Z / 2026-11-20T10:30:05.999999Z");
  EXPECT_EQ(span("2026-11-20T10:30:05.12Z"),
            "2026-11-20T10:30:05.120000Z / 2026-11-20T10:30:05.129999Z");
  EXPECT_EQ(span("2026-11-20T10:30:05.123456Z"),
            "2026-11-20T10:30:05.123456Z / 2026-11-20T10:30:05.123456Z");
}

TEST(QueryTime, Zones) {
  EXPECT_EQ(span("2026-11-20T10:30+01:00"),
            "2026-11-20T09:30:00.000000Z / 2026-11-20T09:30:59.999999Z");
  EXPECT_EQ(span("2026-11-20T10:30:00-05:30"),
            "2026-11-20T16:00:00.000000Z / 2026-11-20T16:00:00.999999Z");
}

TEST(QueryTime, RelativeTimesAreInstants) {
  EXPECT_EQ(span("now"), "2026-11-21T19:00:00.000000Z / 2026-11-21T19:00:00.000000Z relative");
  EXPECT_EQ(span("-1h"), "2026-11-21T18:00:00.000000Z / 2026-11-21T18:00:00.000000Z relative");
  EXPECT_EQ(span("now-15m"), "2026-11-21T18:45:00.000000Z / 2026-11-21T18:45:00.000000Z relative");
  EXPECT_EQ(span("-1d12h"), "2026-11-20T07:00:00.000000Z / 2026-11-20T07:00:00.000000Z relative");
  EXPECT_EQ(span("now+1.5s"), "2026-11-21T19:00:01.500000Z / 2026-11-21T19:00:01.500000Z relative");
  EXPECT_EQ(span("-2w"), "2026-11-07T19:00:00.000000Z / 2026-11-07T19:00:00.000000Z relative");
  EXPECT_EQ(span("today"), "2026-11-21T00:00:00.000000Z / 2026-11-21T23:59:59.999999Z");
  EXPECT_EQ(span("yesterday"), "2026-11-20T00:00:00.000000Z / 2026-11-20T23:59:59.999999Z");
}

TEST(QueryTime, NoTimes) {
  for (const char* text : {"",
                           "-",
                           "+",
                           "1h",
                           "-1",
                           "-1x",
                           "-h",
                           "nowish",
                           "now-",
                           "now1h",
                           "2026-",
                           "2026-13",
                           "2026-00",
                           "2026-11-31",
                           "20261120",
                           "2026-11-20T",
                           "2026-11-20T10",
                           "2026-11-20T25:00",
                           "2026-11-20T10:30:",
                           "2026-11-20T10:30:05.",
                           "2026-11-20Z",
                           "1969",
                           "tomorrow",
                           "-1e9h",
                           "-99999999999999999999w",
                           "2026-11-20T10:30:05.1234567890Z",
                           "2026-11-20T10:30+1"}) {
    EXPECT_EQ(span(text), "-") << text;
  }
}

TEST(QueryTime, Durations) {
  EXPECT_EQ(parse_duration("250"), 250'000);
  EXPECT_EQ(parse_duration("1.5s"), 1'500'000);
  EXPECT_EQ(parse_duration("250ms"), 250'000);
  EXPECT_EQ(parse_duration("7us"), 7);
  EXPECT_EQ(parse_duration("1h30m"), 5'400'000'000);
  EXPECT_EQ(parse_duration("0"), 0);
  for (const char* text : {"", "s", "-1", "1x", "1h30", "1e3", "inf"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(QueryTime, ArgumentsAreTheFirstMoment) {
  EXPECT_EQ(parse_time_argument("2026-11-20", kNow), parse_time("2026-11-20T00:00:00Z"));
  EXPECT_EQ(parse_time_argument("-1h", kNow), parse_time("2026-11-21T18:00:00Z"));
  EXPECT_FALSE(parse_time_argument("soon", kNow));
}

}  // namespace
}  // namespace tally::index
