// SPDX-License-Identifier: Apache-2.0
// Times as the log writes and reads them (RFC 3339); known answers from `date -u -d TEXT +%s`.
#include "base/clock.h"

#include <gtest/gtest.h>

#include <random>

namespace tally {
namespace {

using std::chrono::microseconds;

WallTime at(std::int64_t micros) { return WallTime(microseconds(micros)); }

std::int64_t parsed(std::string_view text) {
  const auto time = parse_time(text);
  EXPECT_TRUE(time) << text;
  return time ? time->time_since_epoch().count() : -1;
}

TEST(FormatTime, KnownAnswers) {
  EXPECT_EQ(format_time(at(0)), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_time(at(1)), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(format_time(at(1'795'287'600'123'456)), "2026-11-21T19:00:00.123456Z");
  EXPECT_EQ(format_time(at(951'782'400'000'000)), "2000-02-29T00:00:00.000000Z");
  EXPECT_EQ(format_time(at(253'402'300'799'999'999)), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_time(at(-1)), "1969-12-31T23:59:59.999999Z");
}

TEST(FormatTime, AppendsWithoutTouchingWhatIsThere) {
  std::string out = "at ";
  append_time(out, at(0));
  EXPECT_EQ(out, "at 1970-01-01T00:00:00.000000Z");
}

TEST(FormatTime, RoundTripsAndKeepsOrder) {
  std::mt19937_64 random(7);
  std::uniform_int_distribution<std::int64_t> any(0, 253'402'300'799'999'999);
  for (int i = 0; i < 20'000; ++i) {
    const WallTime a = at(any(random));
    const WallTime b = at(any(random));
    ASSERT_EQ(parse_time(format_time(a)), a);
    ASSERT_EQ(a < b, format_time(a) < format_time(b));
  }
}

TEST(FormatTime, RoundTripsOnBothSidesOfEveryMidnight) {
  for (std::int64_t day = 1; day < 80'000; ++day) {
    const WallTime midnight = at(day * 86'400'000'000);
    ASSERT_EQ(parse_time(format_time(midnight)), midnight);
    ASSERT_EQ(parse_time(format_time(midnight - microseconds(1))), midnight - microseconds(1));
  }
}

TEST(ParseTime, Offsets) {
  const std::int64_t noon = parsed("2026-11-21T12:00:00Z");
  EXPECT_EQ(noon, 1'795'262'400'000'000);
  for (const char* text :
       {"2026-11-21T14:00:00+02:00", "2026-11-21T06:30:00-05:30", "2026-11-22T11:59:00+23:59",
        "2026-11-20T12:01:00-23:59", "2026-11-21t12:00:00z", "2026-11-21 12:00:00-00:00"}) {
    EXPECT_EQ(parsed(text), noon) << text;
  }
}

TEST(ParseTime, FractionsAreCutNotRounded) {
  const std::int64_t base = parsed("2026-11-21T12:00:00Z");
  EXPECT_EQ(parsed("2026-11-21T12:00:00.5Z"), base + 500'000);
  EXPECT_EQ(parsed("2026-11-21T12:00:00.000001Z"), base + 1);
  EXPECT_EQ(parsed("2026-11-21T12:00:00.0000009Z"), base);
  EXPECT_EQ(parsed("2026-11-21T12:00:00.999999999Z"), base + 999'999);
}

TEST(ParseTime, LeapSecondIsTheLastMicrosecondOfItsMinute) {
  EXPECT_EQ(parsed("2016-12-31T23:59:60Z"), parsed("2016-12-31T23:59:59.999999Z"));
  EXPECT_EQ(parsed("2016-12-31T23:59:60.7Z"), parsed("2016-12-31T23:59:59.999999Z"));
  EXPECT_EQ(parsed("2017-01-01T00:59:60+01:00"), parsed("2016-12-31T23:59:60Z"));
}

TEST(ParseTime, LeapYears) {
  EXPECT_TRUE(parse_time("2024-02-29T00:00:00Z"));
  EXPECT_TRUE(parse_time("2000-02-29T00:00:00Z"));
  EXPECT_FALSE(parse_time("2100-02-29T00:00:00Z"));
  EXPECT_FALSE(parse_time("2023-02-29T00:00:00Z"));
}

TEST(ParseTime, StaysInsideTheYearsThatCanBeWritten) {
  EXPECT_EQ(parsed("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parsed("1970-01-01T01:00:00+01:00"), 0);
  EXPECT_EQ(parsed("9999-12-31T23:59:59.999999Z"), 253'402'300'799'999'999);
  EXPECT_FALSE(parse_time("1969-12-31T23:59:59Z"));
  EXPECT_FALSE(parse_time("1970-01-01T00:00:00+00:01"));
  EXPECT_FALSE(parse_time("9999-12-31T23:59:59-00:01"));
}

TEST(ParseTime, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           "2026",
                           "2026-11-21",
                           "2026-11-21T12:00:00",
                           "2026-11-21T12:00Z",
                           "2026-11-21T12:00:00.Z",
                           "2026-11-21T12:00:00.1234567890Z",
                           "2026-11-21T12:00:00,5Z",
                           "2026-11-21T24:00:00Z",
                           "2026-11-21T12:60:00Z",
                           "2026-11-21T12:00:61Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-04-31T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-11-21T12:00:00+0200",
                           "2026-11-21T12:00:00+24:00",
                           "2026-11-21T12:00:00+02:60",
                           "2026-11-21T12:00:00+2:00",
                           "2026-11-21T12:00:00ZZ",
                           " 2026-11-21T12:00:00Z",
                           "2026-11-21T12:00:00Z ",
                           "26-11-21T12:00:00Z",
                           "-026-11-21T12:00:00Z",
                           "2026-1-21T12:00:00Z",
                           "2026-11-21_12:00:00Z",
                           "20261121T120000Z",
                           "2026-11-21T+2:00:00Z",
                           "99999-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(SystemClock, IsNowAndMonotonic) {
  const Clock& clock = system_clock();
  EXPECT_GT(clock.now(), *parse_time("2026-01-01T00:00:00Z"));
  const MonoTime first = clock.mono();
  EXPECT_LE(first, clock.mono());
}

}  // namespace
}  // namespace tally
