// SPDX-License-Identifier: Apache-2.0
#include "cli/console.h"

#include "cli/program.h"
#include "storage/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <map>
#include <signal.h>
#include <unistd.h>

namespace tally::cli {
namespace {

using ::testing::HasSubstr;

log::Environment environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto at = variables.find(name);
    return at == variables.end() ? std::nullopt : std::optional(at->second);
  };
}

class ConsoleTest : public ::testing::Test {
 protected:
  ConsoleTest() { ::signal(SIGPIPE, SIG_IGN); }
  ~ConsoleTest() override {
    ::close(output_);
    ::close(errors_);
  }
  int open(const std::string& name) {
    return ::open((directory_ / name).c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  }
  std::string output() { return test::read_whole(directory_ / "out"); }
  std::string errors() { return test::read_whole(directory_ / "err"); }

  storage::TemporaryDirectory directory_;
  int output_ = open("out");
  int errors_ = open("err");
};

TEST_F(ConsoleTest, BuffersUntilFlushed) {
  Console console(output_, errors_, environment({}));
  console.print("a");
  EXPECT_EQ(output(), "");
  console.flush();
  EXPECT_EQ(output(), "a");
  console.print("b");
  EXPECT_EQ(console.finish("x", 1), 1);
  EXPECT_EQ(output(), "ab");
}

TEST_F(ConsoleTest, LargeOutputDoesNotPileUp) {
  Console console(output_, errors_, environment({}));
  for (int i = 0; i < 20; ++i) console.print(std::string(10'000, 'x'));
  EXPECT_GT(output().size(), 100'000U);
  EXPECT_EQ(console.finish("x", 0), 0);
  EXPECT_EQ(output().size(), 200'000U);
}

TEST_F(ConsoleTest, ErrorsNameProgramAndCommandAndCannotSteerTheTerminal) {
  Console console(output_, errors_, environment({}));
  console.error("verify", "a\x1b[2Jb\nc");
  console.error("", "plain");
  EXPECT_EQ(errors(), "tallystick: verify: a\\x1b[2Jb\\nc\ntallystick: plain\n");
}

TEST_F(ConsoleTest, AnErrorThatRepeatsTheLastIsSaidOnce) {
  Console console(output_, errors_, environment({}));
  for (const char* text : {"a", "a", "b", "a"}) console.error("x", text);
  EXPECT_EQ(errors(), "tallystick: x: a\ntallystick: x: b\ntallystick: x: a\n");
}

TEST_F(ConsoleTest, AReaderThatLeavesEndsTheOutputQuietly) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  Console console(ends[1], errors_, environment({}));
  EXPECT_TRUE(console.still_wanted());
  ::close(ends[0]);
  EXPECT_TRUE(console.wanted());
  EXPECT_FALSE(console.still_wanted());
  console.print("x");
  EXPECT_EQ(console.finish("x", 0), 0);
  EXPECT_EQ(errors(), "");
  ::close(ends[1]);
}

TEST_F(ConsoleTest, AWriteThatMeetsNoReaderIsNoticed) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  ::close(ends[0]);
  Console console(ends[1], errors_, environment({}));
  console.print("x");
  console.flush();
  EXPECT_FALSE(console.wanted());
  EXPECT_EQ(console.finish("x", 1), 1);
  ::close(ends[1]);
}

TEST_F(ConsoleTest, OutputThatCannotBeWrittenIsAnError) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  Console console(full, errors_, environment({}));
  console.print("x");
  console.flush();
  EXPECT_FALSE(console.wanted());
  EXPECT_EQ(console.finish("query", 0), 2);
  EXPECT_THAT(errors(), HasSubstr("tallystick: query: cannot write the output: No space left"));
  ::close(full);
}

TEST_F(ConsoleTest, WhatTheCheckFoundCountsMoreThanAFullDisk) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  Console console(full, errors_, environment({}));
  console.print("x");
  EXPECT_EQ(console.finish("verify", 1), 1);
  ::close(full);
}

TEST_F(ConsoleTest, WidthComesFromColumnsElse120) {
  EXPECT_EQ(Console(output_, errors_, environment({})).width(), 120U);
  EXPECT_EQ(Console(output_, errors_, environment({{"COLUMNS", "77"}})).width(), 77U);
  for (const char* bad : {"0", "x", "-5", "100000", ""}) {
    EXPECT_EQ(Console(output_, errors_, environment({{"COLUMNS", bad}})).width(), 120U) << bad;
  }
}

TEST_F(ConsoleTest, NoColourAndNoProgressWithoutATerminal) {
  Console console(output_, errors_, environment({{"TERM", "xterm"}}));
  EXPECT_FALSE(console.output_is_terminal());
  EXPECT_FALSE(console.errors_are_shown());
  EXPECT_FALSE(console.colour());
  console.progress("50 %");
  console.clear_progress();
  EXPECT_EQ(errors(), "");
}

TEST_F(ConsoleTest, ColourAndProgressOnATerminal) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_GE(terminal, 0);
  ASSERT_EQ(::grantpt(terminal), 0);
  ASSERT_EQ(::unlockpt(terminal), 0);
  const int shown = ::open(::ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_GE(shown, 0);
  EXPECT_TRUE(Console(shown, shown, environment({{"TERM", "xterm"}})).colour());
  EXPECT_TRUE(Console(shown, shown, environment({{"TERM", "xterm"}, {"NO_COLOR", ""}})).colour());
  EXPECT_FALSE(Console(shown, shown, environment({{"TERM", "xterm"}, {"NO_COLOR", "1"}})).colour());
  EXPECT_FALSE(Console(shown, shown, environment({{"TERM", "dumb"}})).colour());
  EXPECT_FALSE(Console(shown, shown, environment({})).colour());

  Console console(shown, shown, environment({}));
  console.progress("50 %");
  console.error("x", "y");
  std::array<char, 256> block{};
  const ssize_t n = ::read(terminal, block.data(), block.size());
  ASSERT_GT(n, 0);
  EXPECT_EQ(std::string(block.data(), static_cast<std::size_t>(n)),
            "\r\x1b[K50 %\r\x1b[Ktallystick: x: y\r\n");
  ::close(shown);
  ::close(terminal);
}

TEST(ConsoleText, NumbersForPeople) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(1023), "1023 B");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(bytes_text(5ULL << 30), "5.0 GiB");
  EXPECT_EQ(bytes_text(~0ULL), "16.0 EiB");
  EXPECT_EQ(counted(1, "entry", "entries"), "1 entry");
  EXPECT_EQ(counted(2000, "entry", "entries"), "2,000 entries");
}

}  // namespace
}  // namespace tally::cli
