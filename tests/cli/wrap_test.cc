// SPDX-License-Identifier: Apache-2.0
// The command line of tallystick wrap; what a session does is in tests/wrap and tests/e2e.
#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace tally::cli {
namespace {

using ::testing::HasSubstr;

class WrapTest : public ::testing::Test {
 protected:
  test::Ran wrap(std::vector<std::string> words, std::string_view input = {}) {
    words.insert(words.begin(), "wrap");
    return user_.run(words, input);
  }
  test::User user_;
};

TEST_F(WrapTest, RelaysRecordsAndEndsAsTheServerDoes) {
  const std::string ping = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";
  const auto ran = wrap({"--name", "echo", "--", "sh", "-c", "cat; exit 7"}, ping);
  EXPECT_EQ(ran.status, 7) << ran;
  EXPECT_EQ(ran.out, ping);
  EXPECT_THAT(ran.err, HasSubstr("making a new log in " + user_.log()));
  EXPECT_EQ(user_.run({"query", "event:mcp-server-start", "--count"}).out, "1\n");
  EXPECT_EQ(user_.run({"query", "event:mcp-server-exit", "--count"}).out, "1\n");
  EXPECT_EQ(user_.run({"query", "server:echo", "--fail-if-none"}).status, 0);
  EXPECT_EQ(user_.run({"verify"}).status, 0);
}

TEST_F(WrapTest, EverythingBehindTheHyphensIsTheServers) {
  const auto ran =
      wrap({"--", "sh", "-c", "printf '%s|' \"$@\"", "sh", "--log", "--", "-x", "--help"});
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_EQ(ran.out, "--log|--|-x|--help|");
}

TEST_F(WrapTest, WrongUsageIsStatusTwoAndNothingOnStandardOutput) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{},
                                             {"--"},
                                             {"--", ""},
                                             {"--no-such-flag", "--", "true"},
                                             {"true"},
                                             {"--name", "--", "true"},
                                             {"--hash", "md5", "--", "true"}}) {
    const auto ran = wrap(words);
    EXPECT_EQ(ran.status, 2) << ::testing::PrintToString(words) << ran;
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, HasSubstr("tallystick: wrap: "));
  }
  EXPECT_FALSE(std::filesystem::exists(user_.log()));
}

TEST_F(WrapTest, ACommandWithoutTheHyphensIsExplained) {
  EXPECT_THAT(wrap({"npx", "server"}).err, HasSubstr("the server's command stands behind --"));
}

TEST_F(WrapTest, StartsThatFail) {
  EXPECT_EQ(wrap({"--", "no-such-command-anywhere"}).status, 127);
  EXPECT_EQ(wrap({"--", "/etc/passwd"}).status, 126);
}

TEST_F(WrapTest, WithoutALogTheServerIsNotStarted) {
  const std::string file = user_.write("file", "x");
  const std::string made = user_.home() + "/made";
  const auto ran = wrap({"--log", file, "--", "touch", made});
  EXPECT_EQ(ran.status, 2) << ran;
  EXPECT_FALSE(std::filesystem::exists(made));
}

TEST_F(WrapTest, SettingsAreCheckedAtStart) {
  test::RunOptions options;
  options.environment["AUDIT_LOG_RETENTION_DAYS"] = "90";
  const auto refused = user_.run({"wrap", "--", "true"}, options);
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("AUDIT_LOG_RETENTION_DAYS"));
  options.environment.clear();
  options.environment["AUDIT_LOG_ENABLED"] = "false";
  const auto off = user_.run({"wrap", "--", "true"}, options);
  EXPECT_EQ(off.status, 0) << off;
  EXPECT_EQ(user_.run({"query", "event:audit-disabled", "--count"}).out, "1\n");
}

TEST_F(WrapTest, APolicyDecidesWhatIsRecorded) {
  const auto policy = user_.write("p.yaml", "rules: [{match: {methods: ping}, level: none}]\n");
  const std::string ping = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";
  const std::string other = "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}\n";
  const auto ran = wrap({"--policy", policy, "--", "sh", "-c", "cat >/dev/null"}, ping + other);
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_EQ(user_.run({"query", "event:mcp-ping", "--count"}).out, "0\n");
  EXPECT_EQ(user_.run({"query", "event:mcp-tool-discovery", "--count"}).out, "1\n");
}

TEST_F(WrapTest, ASettingsFileHoldsForWrapToo) {
  const auto file = user_.write("t.yaml",
                                "log: {directory: other}\n"
                                "policy: {rules: [{match: {methods: ping}, level: none}]}\n"
                                "spool: {directory: spool}\n");
  const std::string ping = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";
  test::RunOptions options;
  options.input = ping;
  options.environment["TALLYSTICK_CONFIG"] = file;
  const auto ran = user_.run({"wrap", "--", "cat"}, options);
  EXPECT_EQ(ran.status, 0) << ran;
  const std::string log = user_.home() + "/other";
  EXPECT_EQ(user_.run({"query", "--log", log, "event:mcp-ping", "--count"}).out, "0\n");
  EXPECT_EQ(user_.run({"query", "--log", log, "event:mcp-server-exit", "--count"}).out, "1\n");
  EXPECT_TRUE(std::filesystem::is_empty(user_.home() + "/spool"));
}

TEST_F(WrapTest, MistakesInPolicyAndSettingsKeepTheServerFromStarting) {
  const auto policy = user_.write("p.yaml", "rules:\n  - {levle: none}\n  - {level: ful}\n");
  auto ran = wrap({"--policy", policy, "--", "sh", "-c", "echo started"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("tallystick: wrap: " + policy + ":2:6: "));
  EXPECT_THAT(ran.err, HasSubstr("tallystick: wrap: " + policy + ":3:13: "));
  ran = wrap({"--spool", user_.write("file", ""), "--", "sh", "-c", "echo started"});
  EXPECT_EQ(ran.status, 2) << ran;
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("the spool: "));
}

}  // namespace
}  // namespace tally::cli
