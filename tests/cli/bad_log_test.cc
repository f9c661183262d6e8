// SPDX-License-Identifier: Apache-2.0
// Logs that cannot be used, for every command: a clear error, status 2, nothing hangs, nothing is
// damaged.
#include "cli/program.h"
#include "log/lock_file.h"
#include "storage/file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tally::cli {
namespace {

using test::events;
using test::Ran;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr uid_t kNobody = 65534;

const std::vector<std::vector<std::string>> kReaders{
    {"query"}, {"tail"}, {"verify"}, {"prove", "0"}, {"key", "show"}};
const std::vector<std::vector<std::string>> kWriters{{"append"}, {"checkpoint"}};

class BadLogTest : public ::testing::Test {
 protected:
  void make_log(int entries = 3) {
    const Ran ran = user_.run({"append"}, events(entries));
    ASSERT_EQ(ran.status, 0) << ran;
  }
  Ran run(std::vector<std::string> words, std::string_view input = {}) {
    return user_.run(words, input);
  }
  void expect_refused(const Ran& ran, const std::string& what) {
    EXPECT_EQ(ran.status, 2) << ran;
    EXPECT_THAT(ran.err, HasSubstr("tallystick: "));
    EXPECT_THAT(ran.err, HasSubstr(what));
    EXPECT_EQ(ran.out, "");
  }
  test::User user_;
};

TEST_F(BadLogTest, Missing) {
  for (const auto& command : kReaders) expect_refused(run(command), user_.log() + ": not a log");
  expect_refused(run({"checkpoint"}), user_.log() + ": not a log");
  EXPECT_FALSE(std::filesystem::exists(user_.log())) << "a reader made something";
}

TEST_F(BadLogTest, SomethingElse) {
  std::filesystem::create_directories(user_.log());
  test::write_whole(user_.log() + "/notes.txt", "mine");
  for (const auto& command : kReaders) expect_refused(run(command), "not a log");
  expect_refused(run({"append"}, events(1)), "holds notes.txt and no log.json");
  EXPECT_FALSE(std::filesystem::exists(user_.log() + "/lock"));
  const std::string file = user_.write("file", "x");
  for (const auto& command : {"query", "verify", "append", "checkpoint"}) {
    const Ran ran = run({command, "--log", file});
    EXPECT_EQ(ran.status, 2) << command << ran;
    EXPECT_THAT(ran.err, HasSubstr(file)) << command;
  }
}

TEST_F(BadLogTest, MadeByANewerVersion) {
  make_log();
  std::string info = test::read_whole(user_.log() + "/log.json");
  info.replace(info.find("\"format\":1"), 10, "\"format\":2");
  test::write_whole(user_.log() + "/log.json", info);
  for (const auto& command : kReaders) expect_refused(run(command), "format 2");
  for (const auto& command : kWriters) expect_refused(run(command, events(1)), "use a newer one");
}

TEST_F(BadLogTest, WithoutItsKey) {
  make_log();
  std::filesystem::rename(user_.keys(), user_.home() + "/elsewhere");
  for (const auto& command : kWriters) expect_refused(run(command, events(1)), "--keys DIR");
  const Ran verified = run({"verify"});
  EXPECT_EQ(verified.status, 0);
  EXPECT_THAT(verified.out, HasSubstr("key: from the log itself, not checked"));
  EXPECT_EQ(run({"query", "--count"}).out, "3\n");
  EXPECT_EQ(run({"append", "--keys", user_.home() + "/elsewhere"}, events(1)).status, 0);
}

TEST_F(BadLogTest, WithAnotherKey) {
  make_log();
  const std::string keys = user_.home() + "/k";
  ASSERT_EQ(run({"append", "--log", user_.home() + "/other", "--keys", keys}, events(1)).status, 0);
  for (auto command : kWriters) {
    command.insert(command.end(), {"--keys", keys});
    expect_refused(run(command, events(1)), "the key is for ");
  }
  const Ran verified = run({"verify", "--keys", keys});
  EXPECT_EQ(verified.status, 1) << verified;
  EXPECT_THAT(verified.out, HasSubstr("problem   key: "));
  EXPECT_EQ(run({"verify"}).status, 0);
}

TEST_F(BadLogTest, WithAKeyThatOthersCanRead) {
  make_log();
  ASSERT_EQ(::chmod((user_.keys() + "/sign.key").c_str(), 0640), 0);
  for (const auto& command : kWriters) expect_refused(run(command, events(1)), "chmod 600");
  const Ran shown = run({"key", "show"});
  EXPECT_EQ(shown.status, 0);
  EXPECT_THAT(shown.out, HasSubstr("unusable: "));
}

/// As a user whom file modes stop.
class ReadOnlyLogTest : public BadLogTest {
 protected:
  Ran run_as_nobody(const std::vector<std::string>& words, const std::string& input = {}) {
    test::RunOptions options;
    options.input = input;
    options.in_child = [] {
      if (::geteuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) ::_exit(98);
    };
    return user_.run(words, options);
  }
  void make_read_only() {
    namespace fs = std::filesystem;
    for (const auto& entry : fs::recursive_directory_iterator(user_.home())) {
      const mode_t mode = entry.is_directory() ? 0500 : 0400;
      ASSERT_EQ(::chmod(entry.path().c_str(), mode), 0);
      give_away(entry.path());
    }
    give_away(user_.home());
  }
  static void give_away(const std::string& path) {
    if (::geteuid() != 0) return;
    EXPECT_EQ(::chown(path.c_str(), kNobody, kNobody), 0);
  }
  ~ReadOnlyLogTest() override {
    namespace fs = std::filesystem;
    std::error_code ignored;
    fs::permissions(user_.home(), fs::perms::owner_all, ignored);
    for (fs::recursive_directory_iterator at(user_.home(), ignored), end; at != end; ++at) {
      if (at->is_directory()) fs::permissions(at->path(), fs::perms::owner_all, ignored);
    }
  }
};

TEST_F(ReadOnlyLogTest, CanBeReadAndNotWritten) {
  make_log();
  make_read_only();
  for (const auto& command : kReaders) {
    const Ran ran = run_as_nobody(command);
    EXPECT_EQ(ran.status, 0) << command.front() << "\n" << ran;
  }
  for (const auto& command : kWriters) {
    expect_refused(run_as_nobody(command, events(1)), "Permission denied");
  }
  EXPECT_EQ(run({"verify"}).status, 0);
}

TEST_F(ReadOnlyLogTest, CannotBeMade) {
  ASSERT_EQ(::mkdir((user_.home() + "/.local").c_str(), 0700), 0);
  make_read_only();
  ASSERT_EQ(::chmod(user_.home().c_str(), 0500), 0);
  expect_refused(run_as_nobody({"append"}, events(1)), "Permission denied");
}

/// A process that took the log's lock as a writer does, and does not go on.
class LockHolder {
 public:
  explicit LockHolder(const std::string& log) {
    pid_ = ::fork();
    if (pid_ != 0) {
      int status = 0;  // stopped: it has the lock
      EXPECT_EQ(::waitpid(pid_, &status, WUNTRACED), pid_);
      EXPECT_TRUE(WIFSTOPPED(status));
      return;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    auto lock = log::LockFile::open(storage::posix_file_system(), log::Layout(log));
    if (!lock || !lock->lock_commit()) ::_exit(1);
    lock->note_holder();
    ::raise(SIGSTOP);
    ::_exit(0);
  }
  ~LockHolder() { end(); }
  LockHolder(const LockHolder&) = delete;
  LockHolder& operator=(const LockHolder&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
};

TEST_F(BadLogTest, LockedByAStoppedProcessIsABoundedWaitThatNamesIt) {
  make_log();
  make_log();  // while others hold the lock, readers see what was committed before the last commit
  LockHolder holder(user_.log());
  const std::string held = "held by pid " + std::to_string(holder.pid()) + " (stopped)";
  // Both at once: each waits its five seconds.
  test::Running append({"append"}, user_.home(), {});
  test::Running checkpoint({"checkpoint"}, user_.home(), {});
  append.send(events(1));
  append.close_input();
  expect_refused(append.wait(), held);
  expect_refused(checkpoint.wait(), held);
  for (const auto& command : kReaders) EXPECT_EQ(run(command).status, 0) << command.front();

  holder.end();
  EXPECT_EQ(run({"append"}, events(1)).status, 0) << "the lock went with its holder";
  EXPECT_EQ(run({"verify"}).status, 0);
}

TEST_F(BadLogTest, LockedWhileAppending) {
  make_log();
  test::Running append({"append", "--json"}, user_.home(), {});
  append.send(events(2));
  test::wait_until([&] { return run({"query", "--count"}).out == "5\n"; });
  LockHolder holder(user_.log());
  append.send(events(2));
  const Ran ran = append.wait();
  EXPECT_EQ(ran.status, 2) << ran;
  EXPECT_THAT(ran.err, HasSubstr("held by pid " + std::to_string(holder.pid()) + " (stopped)"));
  EXPECT_THAT(ran.err, HasSubstr("lines 3 to 4 of standard input are not in the log"));
  EXPECT_THAT(ran.out, HasSubstr("\"appended\":2"));
  holder.end();
  EXPECT_EQ(run({"query", "--count"}).out, "5\n");
  EXPECT_EQ(run({"verify"}).status, 0);
}

TEST_F(BadLogTest, WhatAWriterLeftHalfDoneIsCutSaidAndRecorded) {
  make_log();
  const std::string segment = user_.log() + "/segments/00000000000000000000.jsonl";
  test::write_whole(segment, test::read_whole(segment) + "{\"seq\":3,\"half\":");
  const Ran ran = run({"append"}, events(1, 3));
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_THAT(ran.err, HasSubstr("16 bytes behind the last commit cut off"));
  const Ran found = run({"query", "event:audit-log-recovered", "--format", "ndjson"});
  EXPECT_THAT(found.out, StartsWith("{\"seq\":3,"));
  EXPECT_THAT(found.out, HasSubstr("\"bytes\":16"));
  EXPECT_THAT(found.out, HasSubstr("\"sha256\":\""));
  EXPECT_EQ(run({"query", "--count"}).out, "5\n");
  EXPECT_EQ(run({"verify"}).status, 0);
}

TEST_F(BadLogTest, CheckpointAddsNothingButTheReportOfARecovery) {
  make_log();
  EXPECT_EQ(run({"checkpoint"}).status, 0);
  EXPECT_EQ(run({"query", "--count"}).out, "3\n");
  const std::string segment = user_.log() + "/segments/00000000000000000000.jsonl";
  test::write_whole(segment, test::read_whole(segment) + "x");
  EXPECT_EQ(run({"checkpoint"}).status, 0);
  EXPECT_EQ(run({"query", "--count", "event:audit-log-recovered"}).out, "1\n");
}

TEST_F(BadLogTest, AChangedEntryStopsWritersAndIsNamedByVerify) {
  make_log(100);
  const std::string segment = user_.log() + "/segments/00000000000000000000.jsonl";
  std::string lines = test::read_whole(segment);
  lines.replace(lines.find("alice"), 5, "mally");
  test::write_whole(segment, lines);
  const Ran verified = run({"verify"});
  EXPECT_EQ(verified.status, 1);
  EXPECT_THAT(verified.out, HasSubstr("entry-altered: entry 0: "));
}

}  // namespace
}  // namespace tally::cli
