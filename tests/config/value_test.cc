// SPDX-License-Identifier: Apache-2.0
#include "config/value.h"

#include "base/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Value, Switches) {
  for (const char* yes : {"true", "TRUE", "1", "yes", "On"}) EXPECT_EQ(parse_switch(yes), true);
  for (const char* no : {"false", "0", "No", "off"}) EXPECT_EQ(parse_switch(no), false);
  for (const char* bad : {"", "y", "2", "true "}) EXPECT_EQ(parse_switch(bad), std::nullopt);
}

TEST(Value, Durations) {
  EXPECT_EQ(parse_duration("250ms"), milliseconds(250));
  EXPECT_EQ(parse_duration("2"), milliseconds(2000));
  EXPECT_EQ(parse_duration("2s"), milliseconds(2000));
  EXPECT_EQ(parse_duration("0.5s"), milliseconds(500));
  EXPECT_EQ(parse_duration("1.005"), milliseconds(1005));
  EXPECT_EQ(parse_duration("1.5m"), seconds(90));
  EXPECT_EQ(parse_duration("24h"), hours(24));
  EXPECT_EQ(parse_duration("0"), milliseconds(0));
  for (const char* bad : {"", "s", "ms", "-1", "1.", "1.2345", "0.5ms", "1 s", "1d", "9000h",
                          "18446744073709551615", "18446744073709551615h", ".5"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
}

TEST(Value, WhatIsShownCanBeReadAgain) {
  for (const std::int64_t count :
       {0LL, 1LL, 250LL, 1000LL, 1500LL, 60'000LL, 90'000LL, 3'600'000LL, 5'400'000LL}) {
    const milliseconds value(count);
    EXPECT_EQ(parse_duration(format_duration(value)), value) << format_duration(value);
  }
  EXPECT_EQ(format_duration(seconds(5)), "5s");
  EXPECT_EQ(format_duration(milliseconds(1500)), "1500ms");
  EXPECT_EQ(format_duration(hours(2)), "2h");
  for (const std::uint64_t value :
       {0ULL, 1ULL, 1023ULL, 1024ULL, 1536ULL, 16ULL << 20, 3ULL << 30}) {
    EXPECT_EQ(parse_bytes(format_bytes(value)), value) << format_bytes(value);
  }
  EXPECT_EQ(format_bytes(16 * kMiB), "16MiB");
}

TEST(Value, Sizes) {
  EXPECT_EQ(parse_bytes("65536"), 65536U);
  EXPECT_EQ(parse_bytes("64KiB"), 65536U);
  EXPECT_EQ(parse_bytes("1GiB"), 1U << 30);
  for (const char* bad :
       {"", "MiB", "16MB", "16M", "1.5MiB", "-1", "16 MiB", "18446744073709551615GiB"}) {
    EXPECT_FALSE(parse_bytes(bad)) << bad;
  }
}

TEST(Value, BoundsAreSaid) {
  milliseconds time(7);
  EXPECT_TRUE(set_duration(time, "1s", milliseconds(1), seconds(60)));
  EXPECT_EQ(time, seconds(1));
  for (const char* bad : {"0", "61s", "soon"}) {
    const auto refused = set_duration(time, bad, milliseconds(1), seconds(60));
    ASSERT_FALSE(refused) << bad;
    EXPECT_THAT(refused.error().detail, HasSubstr("must be a time from 1ms to 1m"));
  }
  EXPECT_EQ(time, seconds(1));
  EXPECT_EQ(bounded_count("7", 1, 10), 7U);
  EXPECT_THAT(bounded_count("11", 1, 10).error().detail,
              HasSubstr("must be a number from 1 to 10, not \"11\""));
  EXPECT_EQ(bounded_bytes("1KiB", 1, 2048), 1024U);
  EXPECT_FALSE(bounded_bytes("3KiB", 1, 2048));
  bool on = false;
  EXPECT_TRUE(set_switch(on, "yes"));
  EXPECT_TRUE(on);
  EXPECT_FALSE(set_switch(on, "maybe"));
}

TEST(Value, ChoicesSuggest) {
  const std::vector<std::string> names{"append", "off"};
  EXPECT_EQ(choice("off", names), 1U);
  EXPECT_EQ(choice("appnd", names).error().detail,
            "must be append or off, not \"appnd\"; did you mean append?");
}

TEST(Value, Lists) {
  EXPECT_THAT(split_list("a, b ,,c"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split_list(" , "), IsEmpty());
  EXPECT_EQ(format_list({}), "[]");
  EXPECT_EQ(format_list(std::vector<std::string>{"a", "b"}), "[a, b]");
}

}  // namespace
}  // namespace tally::config
