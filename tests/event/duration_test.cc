// SPDX-License-Identifier: Apache-2.0
#include "event/duration.h"

#include <gtest/gtest.h>

namespace tally::event {
namespace {

using std::chrono::microseconds;

std::string written(std::int64_t micros) {
  std::string out;
  append_milliseconds(out, microseconds{micros});
  return out;
}

TEST(Duration, WritesAtMostThreeDecimals) {
  EXPECT_EQ(written(0), "0");
  EXPECT_EQ(written(3412), "3.412");
  EXPECT_EQ(written(500), "0.5");
  EXPECT_EQ(written(10), "0.01");
  EXPECT_EQ(written(12'000), "12");
  EXPECT_EQ(written(-5), "0");
}

TEST(Duration, ReadsWhatItWrites) {
  for (std::int64_t micros = 0; micros < 200'000; micros += 7) {
    EXPECT_EQ(parse_milliseconds(written(micros)), microseconds{micros});
  }
  EXPECT_EQ(parse_milliseconds(written(kDurationMax.count())), kDurationMax);
}

TEST(Duration, KnowsWhatIsWrittenAsWeWriteIt) {
  for (const char* text : {"0", "0.5", "12", "3.412", "999999999999", "99999999999.999"}) {
    EXPECT_TRUE(is_canonical_milliseconds(text)) << text;
    EXPECT_EQ(written(parse_milliseconds(text)->count()), text);
  }
  for (const char* text : {"-0", "1e3", "0.50", "12.0", "0.0004", "1.2.3", "\"1\"", "1234567890123",
                           "0.5e1", "9999999999999999999"}) {
    EXPECT_FALSE(is_canonical_milliseconds(text)) << text;
  }
}

TEST(Duration, RoundsOtherNumbers) {
  EXPECT_EQ(parse_milliseconds("1e3"), microseconds{1'000'000});
  EXPECT_EQ(parse_milliseconds("0.0004"), microseconds{0});
  EXPECT_EQ(parse_milliseconds("0.0006"), microseconds{1});
  EXPECT_EQ(parse_milliseconds("-0"), microseconds{0});
}

TEST(Duration, RefusesWhatIsNoDuration) {
  for (const char* text :
       {"", "-1", "abc", "1x", "nan", "inf", "1e300", "1e999", "3155760000001"}) {
    EXPECT_FALSE(parse_milliseconds(text)) << text;
  }
}

}  // namespace
}  // namespace tally::event
