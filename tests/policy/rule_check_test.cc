// SPDX-License-Identifier: Apache-2.0
#include "policy/rule_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tally::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Every text over "ab" of at most `length` letters.
std::vector<std::string> texts(std::size_t length) {
  std::vector<std::string> out{""};
  for (std::size_t begin = 0; length-- > 0;) {
    const std::size_t end = out.size();
    for (std::size_t i = begin; i < end; ++i) {
      out.push_back(out[i] + 'a');
      out.push_back(out[i] + 'b');
    }
    begin = end;
  }
  return out;
}

TEST(RuleCheck, CoversOnlyWhatIsCovered) {
  const std::vector<std::string> patterns{"",   "*",   "a",   "a*",  "*a",   "a*b", "*a*",
                                          "ab", "a*a", "*b*", "**a", "*ab*", "b*"};
  for (const auto& wide : patterns) {
    for (const auto& narrow : patterns) {
      if (!covers(wide, narrow)) continue;
      for (const auto& text : texts(6)) {
        EXPECT_TRUE(!matches(narrow, text) || matches(wide, text))
            << wide << ' ' << narrow << ' ' << text;
      }
    }
  }
  EXPECT_TRUE(covers("a*", "ab*"));
  EXPECT_TRUE(covers("*", "a*b"));
  EXPECT_FALSE(covers("ab*", "a*"));
  EXPECT_FALSE(covers("a", "*"));
}

TEST(RuleCheck, ARuleCoversAnotherWhenEveryConditionDoes) {
  Rule wide;
  wide.methods = {"tools/*"};
  Rule narrow;
  narrow.methods = {"tools/call", "tools/list"};
  narrow.tools = {"x"};
  EXPECT_TRUE(covers(wide, narrow));
  EXPECT_FALSE(covers(narrow, wide));
  wide.read_only = true;
  EXPECT_FALSE(covers(wide, narrow));
  narrow.read_only = true;
  EXPECT_TRUE(covers(wide, narrow));
  narrow.methods.emplace_back("prompts/get");
  EXPECT_FALSE(covers(wide, narrow));
}

std::vector<std::string> warnings(const std::vector<Rule>& rules) {
  std::vector<yaml::Mark> marks;
  for (std::size_t i = 0; i < rules.size(); ++i) marks.push_back({i + 1, 1});
  yaml::Problems problems;
  check_rules(rules, marks, problems);
  std::vector<std::string> out;
  for (const auto& p : problems.take()) out.push_back(yaml::format("f", p));
  return out;
}

TEST(RuleCheck, NamesTheRuleThatComesFirst) {
  Rule first{.name = "first", .methods = {"tools/*"}};
  Rule second{.name = "second", .methods = {"tools/call"}};
  EXPECT_THAT(warnings({first, second}),
              ElementsAre(HasSubstr("f:2:1: warning: rule \"second\" is never reached: whatever it "
                                    "matches, \"first\" in line 1 decides first")));
  EXPECT_THAT(warnings({second, first}), IsEmpty());
}

TEST(RuleCheck, WhatCanNeverMatch) {
  for (const Rule& rule :
       std::initializer_list<Rule>{{.name = "r", .methods = {"tools/list"}, .tools = {"x"}},
                                   {.name = "r", .methods = {"ping"}, .read_only = true},
                                   {.name = "r", .tools = {"x"}, .unparsed = true},
                                   {.name = "r", .methods = {"ping"}, .unparsed = true},
                                   {.name = "r", .read_only = true, .ambiguous = true}}) {
    EXPECT_THAT(warnings({rule}), ElementsAre(HasSubstr("can never match")));
  }
  EXPECT_THAT(warnings({{.name = "r", .methods = {"tools/*"}, .tools = {"x"}}}), IsEmpty());
  EXPECT_THAT(warnings({{.name = "r", .methods = {"*"}, .unparsed = true}}), IsEmpty());
}

TEST(RuleCheck, MethodsThatMcpDoesNotHave) {
  EXPECT_THAT(
      warnings({{.name = "r", .methods = {"tool/call", "notifications/*"}}}),
      ElementsAre(HasSubstr("no method of MCP is \"tool/call\"; did you mean tools/call?")));
}

}  // namespace
}  // namespace tally::policy
