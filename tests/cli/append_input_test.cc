// SPDX-License-Identifier: Apache-2.0
#include "cli/append_input.h"

#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::cli {
namespace {

using test::lines_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

// The loop needs a log, a clock and signals; what it does shows best through the program.

class AppendInputTest : public ::testing::Test {
 protected:
  test::Ran append(std::string_view input, std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), {"append", "--json"});
    return user_.run(flags, input);
  }
  /// details.n of every entry.
  std::vector<std::string> numbers() {
    std::vector<std::string> out;
    for (const std::string& line :
         lines_of(user_.run({"query", "--oldest-first", "--format", "ndjson"}).out)) {
      const std::size_t at = line.find("\"n\":");
      out.push_back(line.substr(at + 4, line.find('}', at) - at - 4));
    }
    return out;
  }
  test::User user_;
};

TEST_F(AppendInputTest, ABadLineDoesNotCostTheGoodOnes) {
  const auto ran = append(test::events(1) + "{\"event_name\":}\n" + test::events(1, 1));
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.out, HasSubstr(R"("appended":2,"refused":1,"size":2)"));
  EXPECT_THAT(ran.err, HasSubstr("standard input line 2: "));
  EXPECT_THAT(numbers(), ElementsAre("0", "1"));
}

TEST_F(AppendInputTest, StrictStopsThere) {
  const auto ran = append(test::events(2) + "bad\n" + test::events(1, 2), {"--strict"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.out, HasSubstr(R"("appended":2,"refused":1)"));
  EXPECT_THAT(numbers(), ElementsAre("0", "1"));
}

TEST_F(AppendInputTest, BlankLinesCarriageReturnsAndAByteOrderMarkAreNoEvents) {
  const auto ran = append("\xEF\xBB\xBF" + test::events(1) + "\n  \t\r\n" +
                          "{\"event_name\":\"auth-login\",\"details\":{\"n\":1}}\r\n\n");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(numbers(), ElementsAre("0", "1"));
}

TEST_F(AppendInputTest, ALastLineWithoutItsEndCounts) {
  std::string input = test::events(2);
  input.pop_back();
  EXPECT_EQ(append(input).status, 0);
  EXPECT_THAT(numbers(), ElementsAre("0", "1"));
}

TEST_F(AppendInputTest, OnlyTheFirstBadLinesAreExplained) {
  std::string input;
  for (int i = 0; i < 1'000; ++i) input += "nonsense\n";
  const auto ran = append(input);
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.out, HasSubstr("\"refused\":1000"));
  EXPECT_THAT(ran.err, HasSubstr("line 20: "));
  EXPECT_THAT(ran.err, Not(HasSubstr("line 21: ")));
  EXPECT_THAT(ran.err, HasSubstr("980 more lines were refused"));
}

TEST_F(AppendInputTest, AnArrayGetsAHint) {
  const auto ran = append("[{\"event_name\":\"auth-login\"},\n{\"event_name\":\"auth-login\"}]\n");
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("jq -c"));
}

TEST_F(AppendInputTest, HostileLinesAreRefusedEachWithItsReason) {
  const std::string deep = std::string(200, '[') + std::string(200, ']');
  const std::vector<std::pair<std::string, std::string>> hostile{
      {R"({"event_name":"a","x":")" + std::string(600'000, 'x') + "\"}", "bytes"},
      {R"({"event_name":"a","x":")" + std::string(3'000'000, 'x') + "\"}", "3000025 bytes"},
      {"{\"event_name\":\"a\",\"x\":\"\xff\"}", "UTF-8"},
      {R"({"event_name":"a","actor_id":"x\u0000y"})", "actor_id"},
      {std::string("{\"event_name\":\"a\",\"x\":\"\0\"}", 26), "byte"},
      {R"({"event_name":"a","x":)" + deep + "}", "deep"},
      {R"({"event_name":"a","x":"\ud800"})", "surrogate"},
      {R"({"event_name":"a","event_name":"b"})", "event_name"},
      {R"({"event_name":"a","x":{"k":1,"k":2}})", "\"k\""},
      {R"({"event_name":"a","x":01})", "byte"},
      {R"({"event_name":"a"} trailing)", "byte"},
      {R"({"event_name":"a")", "byte"},
      {R"({"event_name":17})", "event_name"},
      {R"({"event_type":"nonsense","event_action":"x"})", "event_type"},
      {"{}", "event_name"},
      {"null", "object"},
  };
  std::string input;
  for (const auto& [line, reason] : hostile) input += line + "\n";
  const auto ran = append(test::events(1) + input + test::events(1, 1));
  EXPECT_EQ(ran.status, 2);
  const auto told = lines_of(ran.err.substr(ran.err.find("standard input line 2:")));
  ASSERT_THAT(told, SizeIs(hostile.size()));
  for (std::size_t i = 0; i < hostile.size(); ++i) {
    EXPECT_THAT(told[i], HasSubstr(hostile[i].second)) << hostile[i].first.substr(0, 80);
    EXPECT_LT(told[i].size(), 400U);
  }
  EXPECT_THAT(numbers(), ElementsAre("0", "1"));
  EXPECT_EQ(user_.run({"verify"}).status, 0);
}

TEST_F(AppendInputTest, HugeNumbersAreKeptAsTheyStand) {
  const std::string number = "-123456789012345678901234567890.5e+99999";
  const auto ran = append("{\"event_name\":\"auth-login\",\"details\":{\"n\":" + number + "}}\n");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(numbers(), ElementsAre(number));
}

}  // namespace
}  // namespace tally::cli
