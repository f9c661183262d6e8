// SPDX-License-Identifier: Apache-2.0
#include "cli/line_input.h"

#include "base/limits.h"
#include "cli/program.h"
#include "storage/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <optional>
#include <random>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tally::cli {
namespace {

using Event = LineInput::Event;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LineInputTest : public ::testing::Test {
 protected:
  LineInputTest() : signals_(StopSignals::make()) {}
  ~LineInputTest() override {
    sigset_t none;
    ::sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  }
  LineInput open(std::string_view content) {
    test::write_whole(directory_ / "in", content);
    auto input = LineInput::open(directory_ / "in", *signals_);
    EXPECT_TRUE(input) << input.error().detail;
    return std::move(*input);
  }
  std::vector<std::string> lines(std::string_view content) {
    LineInput input = open(content);
    std::vector<std::string> out;
    for (;;) {
      const auto event = input.next();
      EXPECT_TRUE(event);
      if (!event || *event == Event::end) return out;
      if (*event == Event::too_long) {
        out.push_back("too long: " + std::to_string(input.bytes()));
      } else {
        EXPECT_EQ(*event, Event::line);
        out.emplace_back(input.line());
        EXPECT_EQ(input.bytes(), input.line().size());
      }
      EXPECT_EQ(input.number(), out.size());
    }
  }

  storage::TemporaryDirectory directory_;
  Result<StopSignals> signals_;
};

TEST_F(LineInputTest, LinesWithAndWithoutTheirLastEnd) {
  EXPECT_THAT(lines(""), ElementsAre());
  EXPECT_THAT(lines("a\nbc\n"), ElementsAre("a", "bc"));
  EXPECT_THAT(lines("a\n\nb"), ElementsAre("a", "", "b"));
  EXPECT_THAT(lines("\n"), ElementsAre(""));
  EXPECT_THAT(lines(std::string("a\0b\r\n", 5)), ElementsAre(std::string("a\0b\r", 4)));
}

TEST_F(LineInputTest, LinesAcrossBlocksAreWhole) {
  std::mt19937 random(7);
  std::vector<std::string> want;
  std::string content;
  while (content.size() < 5 * kInputBlockBytes) {
    want.emplace_back(random() % 90'000, static_cast<char>('a' + random() % 26));
    content += want.back() + "\n";
  }
  EXPECT_EQ(lines(content), want);
}

TEST_F(LineInputTest, ALineLongerThanTheBlockIsCountedNotKept) {
  const std::string fits(kInputBlockBytes - 1, 'x');
  const std::string longer(3 * kInputBlockBytes + 5, 'y');
  EXPECT_THAT(lines("a\n" + fits + "\n" + longer + "\nb\n"),
              ElementsAre("a", fits, "too long: " + std::to_string(longer.size()), "b"));
  EXPECT_THAT(lines("a\n" + longer),
              ElementsAre("a", "too long: " + std::to_string(longer.size())));
}

TEST_F(LineInputTest, SaysWhenItWouldHaveToWait) {
  const std::string path = directory_ / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const int keep = ::open(path.c_str(), O_RDWR | O_CLOEXEC);  // both ends: open() does not wait
  auto input = LineInput::open(path, *signals_);
  ASSERT_TRUE(input);
  EXPECT_EQ(*input->next(), Event::would_wait);
  ASSERT_EQ(::write(keep, "one\ntw", 6), 6);
  EXPECT_EQ(*input->next(), Event::line);
  EXPECT_EQ(input->line(), "one");
  EXPECT_EQ(*input->next(), Event::would_wait);
  ASSERT_EQ(::write(keep, "o\n", 2), 2);
  input->wait();
  EXPECT_EQ(*input->next(), Event::line);
  EXPECT_EQ(input->line(), "two");
  ::close(keep);
}

TEST_F(LineInputTest, ASignalEndsItAndHalfALineIsLeftOut) {
  const std::string path = directory_ / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const int keep = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  auto input = LineInput::open(path, *signals_);
  ASSERT_TRUE(input);
  ASSERT_EQ(::write(keep, "one\ntw", 6), 6);
  EXPECT_EQ(*input->next(), Event::line);
  ::raise(SIGTERM);
  input->wait();
  EXPECT_EQ(*input->next(), Event::stopped);
  EXPECT_EQ(*input->next(), Event::stopped);
  ::close(keep);
}

TEST_F(LineInputTest, WhatCannotBeReadIsAnError) {
  const auto missing = LineInput::open(directory_ / "none", *signals_);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::not_found);
  const auto folder = LineInput::open(directory_.path(), *signals_);
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().detail, HasSubstr("directory"));
}

TEST_F(LineInputTest, WholeInputsAreBounded) {
  test::write_whole(directory_ / "f", std::string(40'000, 'x'));
  EXPECT_EQ(read_input(directory_ / "f", 40'000)->size(), 40'000U);
  const auto large = read_input(directory_ / "f", 39'999);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, Errc::too_large);
  EXPECT_FALSE(read_input(directory_ / "none", 10));
  EXPECT_FALSE(read_input(directory_.path(), 10));
  EXPECT_EQ(*read_input("/dev/null", 10), "");
}

}  // namespace
}  // namespace tally::cli
