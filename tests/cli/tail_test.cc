// SPDX-License-Identifier: Apache-2.0
#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <signal.h>

namespace tally::cli {
namespace {

using test::events;
using test::lines_of;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

class TailTest : public ::testing::Test {
 protected:
  TailTest() { user_.run({"append"}, events(25)); }
  std::vector<std::string> tail(std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"tail", "--json"});
    const auto ran = user_.run(flags);
    EXPECT_EQ(ran.status, 0) << ran;
    return lines_of(ran.out);
  }
  test::User user_;
};

TEST_F(TailTest, TheNewestEntriesTheNewestLast) {
  const auto ten = tail({});
  ASSERT_THAT(ten, SizeIs(10));
  EXPECT_THAT(ten.front(), StartsWith("{\"seq\":15,"));
  EXPECT_THAT(ten.back(), StartsWith("{\"seq\":24,"));
  EXPECT_THAT(tail({"-n", "3"}), SizeIs(3));
  EXPECT_THAT(tail({"-n", "0"}), SizeIs(0));
  EXPECT_THAT(tail({"--lines=1000"}), SizeIs(25));
  EXPECT_EQ(user_.run({"tail", "-n", "x"}).status, 2);
}

TEST_F(TailTest, JsonIsTheLineItself) {
  const std::string segment =
      test::read_whole(user_.log() + "/segments/00000000000000000000.jsonl");
  EXPECT_EQ(tail({"-n25"}), lines_of(segment));
}

TEST_F(TailTest, PeopleGetATable) {
  const auto ran = user_.run({"tail", "-n", "2"});
  const auto rows = lines_of(ran.out);
  ASSERT_THAT(rows, SizeIs(3));
  EXPECT_THAT(rows[0], HasSubstr("EVENT"));
  EXPECT_THAT(rows[2], HasSubstr("auth-login"));
}

TEST_F(TailTest, AnEmptyLogIsNoError) {
  test::User other;
  other.run({"append"});
  EXPECT_EQ(other.run({"tail"}).status, 0);
}

TEST_F(TailTest, FollowsUntilItIsStopped) {
  for (const int number : {SIGINT, SIGTERM}) {
    test::Running follow({"tail", "-f", "-n", "1", "--json"}, user_.home(), {});
    EXPECT_NE(follow.read_until("\"seq\":"), "");
    user_.run({"append"}, events(1, number * 1000));
    EXPECT_NE(follow.read_until("\"n\":" + std::to_string(number * 1000)), "");
    user_.run({"append"}, events(1, number * 1000 + 1));
    EXPECT_NE(follow.read_until("\"n\":" + std::to_string(number * 1000 + 1)), "");
    follow.signal(number);
    const auto ran = follow.wait();
    EXPECT_EQ(ran.status, 0);
    EXPECT_EQ(ran.err, "");
  }
}

TEST_F(TailTest, SinceATimeWithAnIndexAndWithout) {
  test::User other;
  const auto event = [](const std::string& time, int n) {
    return R"({"event_name":"auth-login","timestamp":")" + time + R"(","details":{"n":)" +
           std::to_string(n) + "}}\n";
  };
  other.run({"append"}, event("2026-11-21T19:00:00Z", 0) + event("2026-11-21T19:10:00Z", 1) +
                            event("2026-11-21T18:00:00Z", 2) + event("2026-11-21T19:20:00Z", 3));
  for (const bool indexed : {false, true}) {
    if (indexed) {
      ASSERT_EQ(other.run({"index", "rebuild"}).status, 0);
    }
    const auto shown = [&](std::vector<std::string> flags) {
      flags.insert(flags.begin(), {"tail", "--json"});
      std::string out;
      for (const std::string& line : lines_of(other.run(flags).out)) {
        out += line.substr(line.find("\"n\":") + 4, 1);
      }
      return out;
    };
    EXPECT_EQ(shown({"--since", "2026-11-21T19:00:00Z"}), "013") << indexed;
    EXPECT_EQ(shown({"--since", "2026-11-21T19:00:00.000001Z"}), "13") << indexed;
    EXPECT_EQ(shown({"--since", "2026-11-21T19:00:00Z", "-n", "2"}), "13") << indexed;
    EXPECT_EQ(shown({"--since", "2026-11-21T19:00:00Z", "-n", "0"}), "") << indexed;
    EXPECT_EQ(shown({"--since", "2026-11-21T20:00:00Z", "-n", "9"}), "") << indexed;
    EXPECT_EQ(shown({"--since", "2026-11-21T17:00:00Z"}), "0123") << indexed;
  }
  EXPECT_EQ(other.run({"tail", "--since", "then"}).status, 2);

  test::Running follow({"tail", "-f", "--json", "--since", "2026-11-21T19:20:00Z"}, other.home(),
                       {});
  std::string seen = follow.read_until("\"n\":3");
  other.run({"append"}, event("2026-11-21T19:19:00Z", 4) + event("2026-11-21T19:21:00Z", 5));
  seen += follow.read_until("\"n\":5");
  EXPECT_EQ(seen.find("\"n\":4"), std::string::npos);
  follow.signal(SIGINT);
  EXPECT_EQ(follow.wait().status, 0);
}

TEST_F(TailTest, EndsQuietlyWhenNobodyReadsAnyMore) {
  test::Running follow({"tail", "-f", "--json"}, user_.home(), {});
  follow.read_until("\"seq\":24,");
  follow.close_output();  // and nothing is appended: it has to notice by itself
  const auto ran = follow.wait();
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.err, "");
}

TEST_F(TailTest, FollowsABusyWriterWithoutMissingOrRepeatingAnEntry) {
  test::Running follow({"tail", "-f", "-n", "1", "--json"}, user_.home(), {});
  follow.read_until("\"seq\":24,");
  test::Running append({"append"}, user_.home(), {});
  append.send(events(60'000, 25));
  append.close_input();
  EXPECT_EQ(append.wait().status, 0);
  const auto seen = lines_of(follow.read_until("\"n\":60024"));
  ASSERT_THAT(seen, SizeIs(60'000));
  for (std::size_t i = 0; i < seen.size(); ++i) {
    ASSERT_THAT(seen[i], StartsWith("{\"seq\":" + std::to_string(i + 25) + ","));
  }
  follow.signal(SIGINT);
  EXPECT_EQ(follow.wait().status, 0);
}

TEST_F(TailTest, AnOlderCopyPutInPlaceIsNoticed) {
  namespace fs = std::filesystem;
  fs::copy(user_.log(), user_.home() + "/copy", fs::copy_options::recursive);
  for (const int first : {100, 200, 300}) user_.run({"append"}, events(5, first));
  test::Running follow({"tail", "-f", "--json"}, user_.home(), {});
  follow.read_until("\"n\":304");
  fs::rename(user_.log() + "/head", user_.home() + "/head");
  fs::copy(user_.home() + "/copy/head", user_.log() + "/head");
  const auto ran = follow.wait();
  EXPECT_EQ(ran.status, 2) << ran;
  EXPECT_THAT(ran.err, HasSubstr("went back from 40 to 25 entries"));
}

}  // namespace
}  // namespace tally::cli
