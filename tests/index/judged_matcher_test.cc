// SPDX-License-Identifier: Apache-2.0
// What readers show as unknown is found as unknown and not as pending, whatever else is asked.
#include "index/judged_matcher.h"

#include <gtest/gtest.h>

#include <string>

namespace tally::index {
namespace {

Expression parsed(const std::string& text) {
  auto expression = parse_expression(text, {});
  EXPECT_TRUE(expression) << text;
  return expression ? *expression : Expression{};
}

std::string line(const std::string& result, const std::string& tool = "read") {
  return R"({"seq":1,"event_result":")" + result + R"(","target_type":"tool","target_name":")" +
         tool + R"(","target_id":"files/)" + tool + R"("})";
}

struct Row {
  const char* expression;
  bool judges;
  bool pending;   ///< matches a call that is pending
  bool dangling;  ///< matches one that dangles
  bool unknown;   ///< matches one that the log calls unknown
  bool success;
};

TEST(JudgedMatcher, TellsWhatDanglesFromWhatIsPending) {
  const Row rows[] = {
      {"", false, true, true, true, true},
      {"tool:read", false, true, true, true, true},
      {"tool:write", false, false, false, false, false},
      {"result:unknown", true, false, true, true, false},
      {"outcome:unknown", true, false, true, true, false},
      {"result:pending", true, true, false, false, false},
      {"result:pending result:unknown", false, true, true, true, false},
      {"result:success", false, false, false, false, true},
      {"result:success result:unknown", true, false, true, true, true},
      {"-result:pending", true, false, true, true, true},
      {"-result:p*", true, false, true, true, true},
      {"-result:unknown", true, true, false, false, true},
      {"-result:unknown -result:pending", false, false, false, false, true},
      {"result:*n*", false, true, true, true, false},
      {"result:*n* -result:pending", true, false, true, true, false},
      {"result:unknown tool:read", true, false, true, true, false},
      {"result:unknown tool:write", true, false, false, false, false},
      {"result:unknown \"files\"", true, false, true, true, false},
      {"result:unknown -tool:read", true, false, false, false, false},
  };
  const auto yes = [] { return true; };
  const auto no = [] { return false; };
  for (const Row& row : rows) {
    const JudgedMatcher matcher(parsed(row.expression));
    EXPECT_EQ(matcher.judges(), row.judges) << row.expression;
    EXPECT_EQ(matcher.matches(line("pending"), no), row.pending) << row.expression;
    EXPECT_EQ(matcher.matches(line("pending"), yes), row.dangling) << row.expression;
    EXPECT_EQ(matcher.matches(line("unknown"), no), row.unknown) << row.expression;
    EXPECT_EQ(matcher.matches(line("success"), no), row.success) << row.expression;
    // Nothing that matches is outside of what an index would be asked for.
    const Matcher wide(matcher.widened());
    for (const char* result : {"pending", "unknown", "success"}) {
      if (matcher.matches(line(result), yes) || matcher.matches(line(result), no)) {
        EXPECT_TRUE(wide.matches(line(result))) << row.expression << ' ' << result;
      }
    }
  }
}

TEST(JudgedMatcher, OnlyPendingOnesAreJudged) {
  const JudgedMatcher matcher(parsed("result:unknown seq:1..5"));
  int asked = 0;
  const auto dangles = [&asked] { return ++asked > 0; };
  EXPECT_FALSE(matcher.matches(line("success"), dangles));
  EXPECT_TRUE(matcher.matches(line("unknown"), dangles));
  EXPECT_EQ(asked, 0);
  EXPECT_TRUE(matcher.matches(line("pending"), dangles));
  EXPECT_EQ(asked, 1);
  EXPECT_FALSE(matcher.matches("not json", dangles));
  EXPECT_EQ(matcher.seq_range(), (Range{1, 5}));
}

}  // namespace
}  // namespace tally::index
