// SPDX-License-Identifier: Apache-2.0
#include "cli/verify_span.h"

#include "cli/remote_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Events at these minutes past 19:00, in this order.
std::string events_at(const std::vector<int>& minutes) {
  std::string out;
  for (const int minute : minutes) {
    out += R"({"event_name":"auth-login","timestamp":"2026-11-21T19:)" +
           std::string(minute < 10 ? "0" : "") + std::to_string(minute) + ":00Z\"}\n";
  }
  return out;
}

const std::vector<int> kMinutes{0, 10, 20, 5, 30, 40, 50};  // 3 came late

TEST(VerifySpan, IsFromTheFirstToTheLastOfATimeWithAnIndexAndWithout) {
  const test::User user;
  user.run({"append"}, events_at(kMinutes));
  const auto range = [&](const std::string& from, const std::string& to, int status = 0) {
    const auto ran =
        user.run({"verify", "--json", "--from", "2026-11-21T" + from, "--to", "2026-11-21T" + to});
    EXPECT_EQ(ran.status, status) << ran;
    const std::size_t at = ran.out.find("\"range\":{");
    return at == std::string::npos ? ran.out
                                   : ran.out.substr(at + 9, ran.out.find('}', at) - at - 9);
  };
  for (const bool indexed : {false, true}) {
    if (indexed) {
      ASSERT_EQ(user.run({"index", "rebuild"}).status, 0);
      user.run({"append"}, events_at({55}));  // that the index does not know
    }
    EXPECT_EQ(range("19:05:00Z", "19:15:00Z"), R"("start_seq":1,"end_seq":4)") << indexed;
    EXPECT_EQ(range("19:00:00Z", "19:00:01Z"), R"("start_seq":0,"end_seq":1)") << indexed;
    EXPECT_EQ(range("19:20:00Z", "19:45:00Z"), R"("start_seq":2,"end_seq":6)") << indexed;
    if (indexed) {
      EXPECT_EQ(range("19:50:00Z", "19:59:00Z"), R"("start_seq":6,"end_seq":8)");
    }
    const std::string size = indexed ? "8" : "7";
    EXPECT_EQ(range("21:00:00Z", "22:00:00Z", 1), "\"start_seq\":" + size + ",\"end_seq\":" + size);
  }
}

TEST(VerifySpan, WhatIsWrongInTheRangeIsFoundAndSaid) {
  const test::User user;
  user.run({"append"}, events_at(kMinutes));
  const auto fine = user.run({"verify", "--from", "2026-11-21T19:40:00Z"});
  EXPECT_EQ(fine.status, 0) << fine;
  EXPECT_THAT(fine.out, HasSubstr("entries 5 to 6 (2)"));
  EXPECT_THAT(fine.out, HasSubstr("every entry of the range is there"));
  EXPECT_THAT(fine.out, HasSubstr("Not checked: the rest of the log"));
  const auto none = user.run({"verify", "--to", "2020-01-01"});
  EXPECT_EQ(none.status, 1) << none;
  EXPECT_THAT(none.out, HasSubstr("no entry is of this time"));
  EXPECT_THAT(user.run({"verify"}).out, Not(HasSubstr("range")));

  const std::string file = user.log() + "/segments/00000000000000000000.jsonl";
  std::string lines = test::read_whole(file);
  lines.replace(lines.rfind("auth-login"), 10, "auth-logXX");
  test::write_whole(file, lines);
  const auto broken = user.run({"verify", "--from", "2026-11-21T19:40:00Z"});
  EXPECT_EQ(broken.status, 1);
  EXPECT_THAT(broken.out, HasSubstr("entry 6"));
  EXPECT_EQ(
      user.run({"verify", "--from", "2026-11-21T19:00:00Z", "--to", "2026-11-21T19:15:00Z"}).status,
      0)
      << "of another time";
  EXPECT_EQ(user.run({"verify", "--from", "when"}).status, 2);
  EXPECT_EQ(user.run({"verify", "--from", "2026-11-22", "--to", "2026-11-21"}).status, 2);
}

TEST(VerifySpan, OfAServerTheRangeIsFetchedAndProved) {
  const test::RemoteService service(5);
  service.owner().run({"append"}, events_at(kMinutes));
  service.owner().run({"checkpoint"});
  const std::string key = test::lines_of(service.owner().run({"key", "show"}).out).at(0);
  const auto ran = service.run({"verify", "--key", key, "--json", "--from", "2026-11-21T19:05:00Z",
                                "--to", "2026-11-21T19:15:00Z"});
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_THAT(ran.out, HasSubstr(R"("range":{"start_seq":)"));
  const auto bytes = ran.out.find("\"bytes\":");
  ASSERT_NE(bytes, std::string::npos) << ran;
  EXPECT_EQ(service.run({"verify", "--key", key, "--from", "x"}).status, 2);
  const auto none = service.run({"verify", "--key", key, "--json", "--to", "2020-01-01"});
  EXPECT_EQ(none.status, 1) << none;
  EXPECT_THAT(none.out, HasSubstr("{\"ok\":false,"));
}

}  // namespace
}  // namespace tally::cli
