// SPDX-License-Identifier: Apache-2.0
// The command line of tallystick serve; what it does with connections is in tests/proxy.
#include "base/json.h"
#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <sstream>

namespace tally::cli {
namespace {

using ::testing::HasSubstr;

class ServeTest : public ::testing::Test {
 protected:
  test::User user_;
};

TEST_F(ServeTest, SaysWhereItListensAndEndsWell) {
  test::Running running(
      {"serve", "--listen", "127.0.0.1:0", "--proxy", "files@127.0.0.1:0=http://127.0.0.1:9"},
      user_.home(), {});
  EXPECT_THAT(running.read_until("proxy files on http://127.0.0.1:"), HasSubstr(" for http://"));
  running.read_until("health on http://127.0.0.1:");
  running.signal(SIGTERM);
  const auto ran = running.wait();
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_THAT(ran.err, HasSubstr("making a new log in " + user_.log()));
  EXPECT_EQ(user_.run({"verify"}).status, 0);
}

TEST_F(ServeTest, SaysItInJsonWhenAsked) {
  test::Running running({"serve", "--listen", "127.0.0.1:0", "--log-format", "json"}, user_.home(),
                        {});
  running.read_until("API and health on http://127.0.0.1:");
  running.signal(SIGTERM);
  const auto ran = running.wait();
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_THAT(ran.err, HasSubstr(R"("level":"info","component":"serve","message":"making a new)"));
  std::istringstream lines(ran.err);
  json::Document document;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_TRUE(document.parse(std::string_view(line))) << line;
  }
  const auto refused = user_.run({"serve", "--log-format", "xml"});
  EXPECT_EQ(refused.status, 2) << refused;
  EXPECT_THAT(refused.err, HasSubstr("must be text or json"));
}

TEST_F(ServeTest, WrongUsageIsStatusTwoAndLeavesNoLog) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"serve", "--proxy", "nonsense"},
           {"serve", "--no-such-flag"},
           {"serve", "--listen", "nowhere", "--proxy", "a@127.0.0.1:0=http://127.0.0.1:9"}}) {
    const auto ran = user_.run(words);
    EXPECT_EQ(ran.status, 2) << ::testing::PrintToString(words) << ran;
    EXPECT_THAT(ran.err, HasSubstr("tallystick: serve: "));
  }
  EXPECT_FALSE(std::filesystem::exists(user_.log()));
}

TEST_F(ServeTest, WithoutAProxyItRunsTheApiAndKeepsTheFirstTokenToItself) {
  test::Running running({"serve", "--listen", "127.0.0.1:0"}, user_.home(), {});
  running.read_until("API and health on http://127.0.0.1:");
  running.signal(SIGTERM);
  const auto ran = running.wait();
  EXPECT_EQ(ran.status, 0) << ran;
  const std::string path = user_.keys() + "/admin-token";
  EXPECT_THAT(ran.err, HasSubstr(path));
  EXPECT_THAT(ran.err + ran.out, ::testing::Not(HasSubstr(test::read_whole(path))))
      << "shown on a terminal only";
}

TEST_F(ServeTest, HangupReadsTheSettingsAgain) {
  const std::string policy = user_.write("policy.yaml", "rules: []\n");
  test::Running running({"serve", "--listen", "127.0.0.1:0", "--policy", policy}, user_.home(), {});
  running.read_until("API and health on http://127.0.0.1:");
  const auto events = [&](std::string_view part) {
    std::size_t count = 0;
    const auto listed = user_.run({"query", "event:audit-settings-changed", "--format", "ndjson"});
    for (const std::string& line : test::lines_of(listed.out)) {
      if (line.find(part) != std::string::npos) ++count;
    }
    return count;
  };
  test::write_whole(policy,
                    "rules:\n  - name: quiet\n    match: {methods: ping}\n    level: none\n");
  running.signal(SIGHUP);
  test::wait_until([&] { return events(R"("changed":["policy.rules"])") == 1; });
  test::write_whole(policy, "rules: [[[\n");
  running.signal(SIGHUP);
  test::wait_until([&] { return events("\"event_result\":\"failure\"") == 1; });
  running.signal(SIGTERM);
  const auto ran = running.wait();
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_THAT(ran.err, HasSubstr("read again; changed: policy.rules"));
  EXPECT_THAT(ran.err, HasSubstr("not read again, nothing changed: "));
  EXPECT_THAT(ran.err, HasSubstr("policy.yaml"));
}

TEST_F(ServeTest, APublicAddressNeedsTlsOrAnExplicitFlag) {
  const auto ran = user_.run({"serve", "--listen", "0.0.0.0:0"});
  EXPECT_EQ(ran.status, 2) << ran;
  EXPECT_THAT(ran.err, HasSubstr("--plain-http"));
}

TEST_F(ServeTest, HelpIsHelp) {
  const auto ran = user_.run({"serve", "--help"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.out, HasSubstr("--proxy"));
}

}  // namespace
}  // namespace tally::cli
