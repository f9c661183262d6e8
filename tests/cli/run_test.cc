// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tally::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::vector<std::string> kCommands{"wrap",   "append",     "tail",  "query",
                                         "verify", "checkpoint", "prove", "check-proof",
                                         "key",    "catalog",    "doctor"};

TEST(Run, HelpListsEveryCommandAndEachExplainsItself) {
  const test::User user;
  const auto help = user.run({"help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_EQ(help.out, user.run({"--help"}).out);
  for (const std::string& command : kCommands) {
    EXPECT_THAT(help.out, HasSubstr("\n  " + command + " "));
    const auto one = user.run({command, "--help"});
    EXPECT_EQ(one.status, 0) << command;
    EXPECT_THAT(one.out, StartsWith("Usage: tallystick " + command)) << command;
    EXPECT_THAT(one.out, HasSubstr("--help")) << command;
    EXPECT_EQ(user.run({"help", command}).out, one.out) << command;
    EXPECT_EQ(one.err, "") << command;
    for (const std::string& line : test::lines_of(one.out)) EXPECT_LE(line.size(), 100U) << line;
  }
}

TEST(Run, NothingAtAllIsWrongUsage) {
  const auto ran = test::User().run(std::vector<std::string>{});
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("Usage: tallystick COMMAND"));
}

TEST(Run, ACommandThatDoesNotExistNamesTheNearest) {
  const test::User user;
  for (const auto& [typed, meant] : std::vector<std::pair<std::string, std::string>>{
           {"verfy", "verify"}, {"qurey", "query"}, {"checkproof", "check-proof"}}) {
    const auto ran = user.run({typed});
    EXPECT_EQ(ran.status, 2);
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, HasSubstr(typed + ": no such command; did you mean " + meant + "?"));
  }
  EXPECT_THAT(user.run({"witness"}).err,
              HasSubstr("witness: no such command; See tallystick help"));
  EXPECT_EQ(user.run({"help", "nonsense"}).status, 2);
}

TEST(Run, UnknownFlagsAreWrongUsageForEveryCommand) {
  const test::User user;
  for (const std::string& command : kCommands) {
    const auto ran = user.run({command, "--no-such-flag"});
    EXPECT_EQ(ran.status, 2) << command;
    EXPECT_EQ(ran.out, "") << command;
    EXPECT_THAT(ran.err, HasSubstr("tallystick: " + command + ": --no-such-flag: no such flag"));
  }
}

TEST(Run, FlagsInFrontOfTheCommandAreExplained) {
  const auto ran = test::User().run({"--log", "x", "verify"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("flags come behind the command"));
}

TEST(Run, Version) {
  const test::User user;
  const auto text = user.run({"--version"});
  EXPECT_EQ(text.status, 0);
  EXPECT_THAT(text.out, ::testing::MatchesRegex("tallystick [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_EQ(user.run({"version"}).out, text.out);
  const auto json = user.run({"version", "--json"});
  EXPECT_EQ(json.out, "{\"version\":\"" + text.out.substr(11, text.out.size() - 12) +
                          "\",\"log_format\":1}\n");
  EXPECT_EQ(user.run({"version", "x"}).status, 2);
}

TEST(Run, ReturnsTheStatusToItsCaller) {
  // In a child: it writes to descriptors 1 and 2 of its process.
  const pid_t pid = ::fork();
  if (pid == 0) {
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
    ::_exit(run({"version"}) == 0 && run({"nonsense"}) == 2 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
}

TEST(Run, AFullDiskUnderTheOutputIsAnError) {
  test::RunOptions options;
  options.in_child = [] { ::dup2(::open("/dev/full", O_WRONLY | O_CLOEXEC), STDOUT_FILENO); };
  const auto ran = test::User().run({"catalog"}, options);
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("tallystick: catalog: cannot write the output: No space left"));
}

}  // namespace
}  // namespace tally::cli
