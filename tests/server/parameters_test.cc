// SPDX-License-Identifier: Apache-2.0
#include "server/parameters.h"

#include "base/limits.h"

#include <gtest/gtest.h>

namespace tally::server {
namespace {

constexpr std::array<std::string_view, 2> kWords{"asc", "desc"};
constexpr std::array kQuery{
    Parameter{"name", ParameterKind::text, "t", {}, 0, 0, 8},
    Parameter{"order", ParameterKind::word, "w", kWords},
    Parameter{"limit", ParameterKind::integer, "n", {}, 1, 1'000},
    Parameter{"envelope", ParameterKind::boolean, "b"},
    Parameter{"start_time", ParameterKind::time, "time"},
    Parameter{"event_id", ParameterKind::uuid, "id"},
};
constexpr WallTime kNow{std::chrono::seconds(1'800'000'000)};

const Operation& operation() {
  static const Operation out = [] {
    Operation it = operations()[0];
    it.query = kQuery;
    return it;
  }();
  return out;
}

std::string fault_of(std::string_view query) {
  ParameterReader reader(kNow);
  const auto fault = reader.read_query(operation(), query);
  return fault ? fault->name + ": " + fault->detail : "";
}

TEST(Parameters, GoodOnesAreRead) {
  ParameterReader reader(kNow);
  ASSERT_FALSE(reader.read_query(operation(),
                                 "name=a%20b&order=asc&limit=17&envelope=true&&start_time=-15m&"
                                 "event_id=019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d"));
  const Parameters got = reader.take();
  EXPECT_EQ(got.text("name"), "a b");
  EXPECT_EQ(got.text("order"), "asc");
  EXPECT_EQ(got.integer("limit"), 17);
  EXPECT_TRUE(got.boolean("envelope"));
  EXPECT_EQ(got.time("start_time"), kNow - std::chrono::minutes(15));
  EXPECT_EQ(got.all().size(), 6U);
  EXPECT_EQ(got.text("absent"), std::nullopt);
  EXPECT_FALSE(got.boolean("absent"));
}

TEST(Parameters, TimesWithoutAZoneAreUtc) {
  ParameterReader reader(kNow);
  ASSERT_FALSE(reader.read_query(operation(), "start_time=2026-11-21T19:00"));
  EXPECT_EQ(reader.take().time("start_time"), parse_time("2026-11-21T19:00:00Z"));
}

TEST(Parameters, BadOnesAreNamed) {
  EXPECT_EQ(fault_of("limits=1"), "limits: there is no such parameter; did you mean limit?");
  EXPECT_EQ(fault_of("limit=1&limit=1"), "limit: stands there twice; give it once");
  EXPECT_EQ(fault_of("limit="), "limit: is empty; leave it out, or give a value");
  EXPECT_EQ(fault_of("name=123456789"), "name: has more than 8 bytes");
  EXPECT_EQ(fault_of("order=up"), "order: must be one of asc, desc");
  for (const char* number :
       {"0", "1001", "-1", "1.0", "1e2", "0x10", "01", "%2B1", "1 ", "x", "99999999999999999999"}) {
    EXPECT_EQ(fault_of(std::string("limit=") + number),
              "limit: must be a whole number from 1 to 1000")
        << number;
  }
  EXPECT_EQ(fault_of("envelope=1"), "envelope: must be true or false");
  for (const char* time : {"yesterdayish", "2026-13-01", "1700000000", "2026-11-21T25:00:00Z"}) {
    EXPECT_NE(fault_of(std::string("start_time=") + time), "") << time;
  }
  EXPECT_NE(fault_of("event_id=019AA7C2-5B1E-7C3A-9F00-3D2F8A6B1C4D"), "");
  for (const char* text : {"name=%00", "name=%ff", "name=a%0ab", "name=%c3%28"}) {
    EXPECT_NE(fault_of(text), "") << text;
  }
}

TEST(Parameters, TooManyAreRefused) {
  std::string query = "name=a";
  for (std::size_t i = 0; i < kQueryParametersMax; ++i) query += "&";
  for (std::size_t i = 0; i < kQueryParametersMax; ++i) query += "&x=1";
  EXPECT_NE(fault_of(query), "");
}

}  // namespace
}  // namespace tally::server
