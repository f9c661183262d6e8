// SPDX-License-Identifier: Apache-2.0
// tallystick append as a user meets it; the lines themselves are in append_input_test.cc.
#include "base/json.h"
#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

namespace tally::cli {
namespace {

using test::events;
using ::testing::HasSubstr;
using ::testing::Not;

class AppendTest : public ::testing::Test {
 protected:
  std::string count() { return user_.run({"query", "--count"}).out; }
  void expect_whole() {
    const auto verified = user_.run({"verify"});
    EXPECT_EQ(verified.status, 0) << verified;
  }
  test::User user_;
};

TEST_F(AppendTest, MakesTheLogAndSaysWhereItAndItsKeysAre) {
  const auto ran = user_.run({"append"}, events(3));
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_THAT(ran.err, HasSubstr("made a new log in " + user_.log()));
  EXPECT_THAT(ran.err, HasSubstr("its keys are in " + user_.keys()));
  EXPECT_THAT(ran.out, HasSubstr("appended 3 events; the log has 3 entries, signed with root "));
  const auto again = user_.run({"append"}, events(1));
  EXPECT_EQ(again.err, "");
  EXPECT_THAT(again.out, HasSubstr("appended 1 event; the log has 4 entries"));
}

TEST_F(AppendTest, JsonHasWhatVerifyFinds) {
  const auto ran = user_.run({"append", "--json"}, events(1'000));
  ASSERT_EQ(ran.status, 0) << ran;
  json::Document said, found;
  const auto verified = user_.run({"verify", "--json"});
  const auto a = said.parse(ran.out);
  const auto v = found.parse(verified.out);
  ASSERT_TRUE(a && v) << ran.out << verified.out;
  EXPECT_EQ(a->find("appended")->raw(), "1000");
  EXPECT_EQ(a->find("refused")->raw(), "0");
  EXPECT_EQ(a->find("size")->raw(), v->find("size")->raw());
  EXPECT_EQ(a->find("size")->raw(), v->find("signed_size")->raw());
  EXPECT_EQ(a->find("root")->text(), v->find("root")->text());
}

TEST_F(AppendTest, ReadsAFileOrStandardInput) {
  const std::string file = user_.write("events.ndjson", events(5));
  EXPECT_EQ(user_.run({"append", file}).status, 0);
  EXPECT_EQ(user_.run({"append", "-"}, events(2)).status, 0);
  EXPECT_EQ(user_.run({"append"}).status, 0);  // nothing at all
  EXPECT_EQ(count(), "7\n");
}

TEST_F(AppendTest, AMistypedFileLeavesNoLogBehind) {
  const auto ran = user_.run({"append", "no-such-file"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("no-such-file: No such file"));
  EXPECT_EQ(user_.run({"append", user_.home()}).status, 2);
  EXPECT_EQ(user_.run({"append", "a", "b"}).status, 2);
  EXPECT_THAT(user_.run({"query"}).err, HasSubstr("not a log"));
}

TEST_F(AppendTest, SecretsDoNotReachTheLog) {
  user_.run({"append"}, R"({"event_name":"auth-login","details":{"password":"hunter2-secret"}})");
  const auto shown = user_.run({"query", "--format", "ndjson"});
  EXPECT_THAT(shown.out, Not(HasSubstr("hunter2")));
  EXPECT_THAT(shown.out, HasSubstr(R"("password":"[redacted]")"));
  EXPECT_THAT(shown.out, HasSubstr(R"("source":"append")"));
}

TEST_F(AppendTest, EventsOfASlowProducerAreThereAtOnce) {
  test::Running append({"append"}, user_.home(), {});
  append.send(events(1));
  test::wait_until([&] { return count() == "1\n"; });
  append.send(events(1, 1));
  test::wait_until([&] { return count() == "2\n"; });
  append.close_input();
  EXPECT_EQ(append.wait().status, 0);
}

TEST_F(AppendTest, ASignalEndsItCleanly) {
  for (const int number : {SIGINT, SIGTERM}) {
    test::User user;
    test::Running append({"append", "--json"}, user.home(), {});
    append.send(events(10) + "{\"event_name\":\"half-a-li");
    test::wait_until([&] { return user.run({"query", "--count"}).out == "10\n"; });
    append.signal(number);
    const auto ran = append.wait();
    EXPECT_EQ(ran.status, 128 + number) << ran;
    EXPECT_THAT(ran.out, HasSubstr(R"("appended":10,"refused":0,"size":10)"));
    EXPECT_EQ(user.run({"verify"}).status, 0);
  }
}

TEST_F(AppendTest, AFullDiskLosesNothingThatWasAcknowledgedAndSaysFromWhere) {
  ASSERT_EQ(user_.run({"append"}, events(10)).status, 0);
  test::RunOptions options;
  options.input = events(20'000, 10, 400);
  options.in_child = [] {
    // More than one commit, and less than all.
    const rlimit limit{6 << 20, 6 << 20};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  };
  const auto ran = user_.run({"append", "--json"}, options);
  EXPECT_EQ(ran.status, 2) << ran;
  EXPECT_THAT(ran.err, HasSubstr("file size limit"));
  EXPECT_THAT(ran.err, HasSubstr("are not in the log"));
  json::Document document;
  const auto said = document.parse(ran.out);
  ASSERT_TRUE(said) << ran;
  const std::uint64_t appended = std::stoull(std::string(said->find("appended")->raw()));
  EXPECT_GT(appended, 0U);
  ASSERT_TRUE(said->find("lost"));
  EXPECT_EQ(count(), std::to_string(appended + 10) + "\n");
  EXPECT_THAT(said->find("lost")->raw(),
              HasSubstr("{\"first_line\":" + std::to_string(appended + 1) + ","));
  expect_whole();
  EXPECT_EQ(user_.run({"append"}, events(1)).status, 0) << "the log goes on afterwards";
  expect_whole();
}

TEST_F(AppendTest, TheHashAlgorithmIsChosenOnce) {
  EXPECT_EQ(user_.run({"append", "--hash", "md5"}, events(1)).status, 2);
  ASSERT_EQ(user_.run({"append", "--hash", "blake2b512"}, events(3)).status, 0);
  EXPECT_THAT(user_.run({"checkpoint"}).out, HasSubstr("\nhash blake2b512\n"));
  EXPECT_EQ(user_.run({"append"}, events(1)).status, 0);
  const auto other = user_.run({"append", "--hash", "sha256"}, events(1));
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.err, HasSubstr("uses blake2b512, not sha256"));
  test::RunOptions options;
  options.environment["AUDIT_LOG_HASH_ALGORITHM"] = "sha512";
  EXPECT_EQ(user_.run({"append"}, options).status, 2);
  options.environment["AUDIT_LOG_HASH_ALGORITHM"] = "blake2b512";
  EXPECT_EQ(user_.run({"append"}, options).status, 0);
  expect_whole();
}

TEST_F(AppendTest, SettingsAreCheckedAtStart) {
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"AUDIT_LOG_BATCH_SIZE", "many"},
                                          {"AUDIT_LOG_RETENTION_DAYS", "90"},
                                          {"AUDIT_ALERT_FAILED_LOGINS", "5"},
                                          {"AUDIT_LOG_ENABLED", "false"}}) {
    test::RunOptions options;
    options.input = events(1);
    options.environment[name] = value;
    const auto ran = user_.run({"append"}, options);
    EXPECT_EQ(ran.status, 2) << name;
    EXPECT_THAT(ran.err, HasSubstr("tallystick: append: " + name));
  }
  test::RunOptions small;
  small.input = events(50);
  small.environment["AUDIT_LOG_BATCH_SIZE"] = "7";
  EXPECT_EQ(user_.run({"append"}, small).status, 0);
  EXPECT_EQ(count(), "50\n");
}

TEST_F(AppendTest, LogAndKeysAreWhereTheUserSays) {
  const std::string log = user_.home() + "/a/b/log";
  const std::string keys = user_.home() + "/k";
  ASSERT_EQ(user_.run({"append", "--log", log, "--keys", keys}, events(1)).status, 0);
  test::RunOptions options;
  options.input = events(1);
  options.environment = {{"TALLYSTICK_LOG", log}, {"TALLYSTICK_KEYS", keys}};
  EXPECT_EQ(user_.run({"append"}, options).status, 0);
  EXPECT_EQ(user_.run({"query", "--count", "--log", log}).out, "2\n");
  EXPECT_THAT(user_.run({"query"}).err, HasSubstr("not a log"));
}

TEST_F(AppendTest, WithoutHomeItSaysWhichFlags) {
  test::RunOptions options;
  options.environment["HOME"] = "";
  const auto no_log = user_.run({"append"}, options);
  EXPECT_EQ(no_log.status, 2);
  EXPECT_THAT(no_log.err, HasSubstr("--log DIR"));
  const auto no_keys = user_.run({"append", "--log", user_.home() + "/l"}, options);
  EXPECT_EQ(no_keys.status, 2);
  EXPECT_THAT(no_keys.err, HasSubstr("--keys DIR"));
}

TEST_F(AppendTest, ClosedStandardDescriptorsAreNotTheLogsFiles) {
  const std::string file = user_.write("events.ndjson", events(3) + "bad\n");
  test::RunOptions options;
  options.in_child = [] {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::close(fd);
  };
  EXPECT_EQ(user_.run({"append", file}, options).status, 2);
  EXPECT_EQ(count(), "3\n");
  expect_whole();
  EXPECT_THAT(test::read_whole(user_.log() + "/lock"), Not(HasSubstr("tallystick")));
}

TEST_F(AppendTest, OutputThatCannotBeWrittenDoesNotHideThatEventsAreThere) {
  test::Running append({"append"}, user_.home(), {});
  append.close_output();
  append.send(events(3));
  append.close_input();
  EXPECT_EQ(append.wait().status, 0);
  EXPECT_EQ(count(), "3\n");
}

}  // namespace
}  // namespace tally::cli
