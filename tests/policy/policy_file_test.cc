// SPDX-License-Identifier: Apache-2.0
#include "policy/policy_file.h"

#include "base/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Interaction tool_call(std::string_view tool, std::string_view server = "files") {
  Interaction i;
  i.method = "tools/call";
  i.tool = tool;
  i.server = server;
  i.actor = "jane";
  return i;
}

Interaction message(std::string_view method) {
  Interaction i = tool_call("");
  i.method = method;
  return i;
}

Policy policy_of(std::string_view text) {
  auto policy = parse_policy(text, "p.yaml");
  EXPECT_TRUE(policy) << policy.error().detail;
  return policy ? std::move(*policy) : Policy();
}

std::vector<std::string> problems_of(std::string_view text) {
  std::vector<std::string> out;
  auto read = check_policy(text, "p.yaml");
  if (!read) return {read.error().detail};
  for (const yaml::Problem& p : read->problems) out.push_back(yaml::format("p.yaml", p));
  return out;
}

TEST(PolicyFile, AnEmptyFileIsTheDefaultPolicy) {
  const Policy policy = policy_of("");
  EXPECT_EQ(policy.rules().size(), default_rules().size());
  EXPECT_TRUE(policy.decide(tool_call("write")).write_ahead());
}

TEST(PolicyFile, EveryConditionAndEffect) {
  const Policy policy = policy_of(R"(
read_only_tools: ["*/read_*", git/status]
servers:
  vendor-*: {trust_annotations: false}
  vendor-good: {trust_annotations: true}
rules:
  - name: everything-of-one
    match:
      methods: [tools/call]
      tools: [deploy, "delete_*"]
      servers: prod
      actors: ["*@example.com"]
      direction: c2s
      read_only: false
    level: request
    stages: [initiated, completed]
    on_failure: allow
  - name: silent
    match: {method: ping}
    level: none
  - match: {ambiguous: true}
    level: metadata
)");
  Interaction i = tool_call("delete_all", "prod");
  EXPECT_EQ(policy.decide(i).rule, "call");
  i.actor = "jane@example.com";
  const Decision d = policy.decide(i);
  EXPECT_EQ(d.rule, "everything-of-one");
  EXPECT_EQ(d.level, Level::request);
  EXPECT_TRUE(d.initiated);
  EXPECT_FALSE(d.write_ahead());
  i.direction = mcp::Direction::s2c;
  EXPECT_EQ(policy.decide(i).rule, "default");
  EXPECT_EQ(policy.decide(message("ping")).level, Level::none);

  EXPECT_EQ(policy.read_only(tool_call("read_x")), ReadOnly::listed);
  EXPECT_EQ(policy.read_only(tool_call("status", "git")), ReadOnly::listed);
  Interaction hinted = tool_call("look", "vendor-a");
  hinted.hinted_read_only = true;
  EXPECT_EQ(policy.read_only(hinted), ReadOnly::not_believed);
  hinted.server = "vendor-good";
  EXPECT_EQ(policy.read_only(hinted), ReadOnly::hinted);
  hinted.server = "files";
  EXPECT_EQ(policy.read_only(hinted), ReadOnly::hinted);
}

TEST(PolicyFile, WhatARuleLeavesOpenIsAsTheDefaultRulesHaveIt) {
  const Policy policy = policy_of("rules: [{name: less, match: {}, level: metadata}]");
  const Decision changing = policy.decide(tool_call("write"));
  EXPECT_EQ(changing.rule, "less");
  EXPECT_EQ(changing.level, Level::metadata);
  EXPECT_TRUE(changing.write_ahead());
  Interaction reading = tool_call("read");
  reading.hinted_read_only = true;
  EXPECT_FALSE(policy.decide(reading).initiated);
  EXPECT_FALSE(policy.decide(message("ping")).initiated);
}

TEST(PolicyFile, BlockAloneAsksForTheRecordBeforehand) {
  const Policy policy = policy_of("rules: [{match: {methods: resources/read}, on_failure: block}]");
  const Decision d = policy.decide(message("resources/read"));
  EXPECT_TRUE(d.write_ahead());
  EXPECT_TRUE(d.completed);
  EXPECT_EQ(d.level, Level::full);
}

TEST(PolicyFile, AllowAloneKeepsBothRecordsAndHoldsNothing) {
  const Policy policy = policy_of("rules: [{match: {tools: '*'}, on_failure: allow}]");
  const Decision d = policy.decide(tool_call("write"));
  EXPECT_TRUE(d.initiated);
  EXPECT_FALSE(d.write_ahead());
}

TEST(PolicyFile, CompletedAloneTakesTheFirstStageAway) {
  const Policy policy = policy_of("rules: [{match: {tools: x}, stages: completed}]");
  const Decision d = policy.decide(tool_call("x"));
  EXPECT_FALSE(d.initiated);
  EXPECT_EQ(d.on_failure, OnFailure::allow);
}

TEST(PolicyFile, ARuleAboutAMethodDoesNotLetTheAmbiguousThrough) {
  const Policy policy = policy_of(
      "rules: [{match: {methods: notifications/progress}, level: none}, {name: all, match: {}, "
      "level: none}]");
  Interaction i = message("notifications/progress");
  EXPECT_EQ(policy.decide(i).level, Level::none);
  i.ambiguous = true;
  EXPECT_EQ(policy.decide(i).rule, "ambiguous");
  EXPECT_TRUE(policy.decide(i).write_ahead());
  Interaction unparsed;
  unparsed.unparsed = true;
  EXPECT_EQ(policy.decide(unparsed).rule, "unparsed");
  const Policy told = policy_of("rules: [{name: u, match: {unparsed: true}, on_failure: allow}]");
  EXPECT_EQ(told.decide(unparsed).rule, "u");
  EXPECT_FALSE(told.decide(unparsed).write_ahead());
}

TEST(PolicyFile, TellsEveryMistakeAtOnceWithItsPlace) {
  EXPECT_THAT(problems_of(R"(rules:
  - name: a
    match: {mehtods: ping, direction: up, read_only: 1}
    level: ful
    stages: [initiated, completd]
  - name: a
    level: metadata
    colour: red
)"),
              ElementsAre("p.yaml:3:13: rules[0].match: no such key: \"mehtods\"; did you mean "
                          "methods?",
                          "p.yaml:3:39: rules[0].match.direction: must be c2s or s2c, not \"up\"",
                          HasSubstr("p.yaml:3:54: rules[0].match.read_only: must be true or false"),
                          "p.yaml:4:12: rules[0].level: must be none, metadata, request or full, "
                          "not \"ful\"; did you mean full?",
                          HasSubstr("p.yaml:5:13: rules[0].stages: must be initiated or completed, "
                                    "not \"completd\"; did you mean completed?"),
                          HasSubstr("p.yaml:6:5: rules[1]: another rule is named \"a\""),
                          HasSubstr("p.yaml:8:5: rules[1]: no such key: \"colour\"")));
}

TEST(PolicyFile, RefusesWhatContradictsItself) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"rules: [{match: {}}]", "decides nothing"},
      {"rules: [{level: none, stages: completed}]", "remove stages"},
      {"rules: [{level: none, on_failure: block}]", "remove on_failure"},
      {"rules: [{stages: completed, on_failure: block}]", "needs the stage initiated"},
      {"rules: [{match: {direction: s2c}, on_failure: block}]", "never held"},
      {"rules: [{stages: [], level: full}]", "names no stage"},
      {"rules: [{stages: [completed, completed]}]", "twice"},
      {"rules: [{match: {tool: a, tools: b}, level: full}]", "one list"},
      {"rules: [{match: {tools: []}, level: full}]", "list is empty"},
      {"rules: [{name: '', level: full}]", "must have 1 to"},
      {"rules: {level: full}", "must be a list"},
      {"rules: [full]", "must be a map"},
      {"read_only_tools: [read_file]", "write SERVER/TOOL, or */read_file"},
      {"servers: {files: {}}", "says nothing"},
      {"servers: {files: {trust: false}}", "no such key"},
      {"servers: [files]", "must be a map"},
      {"rule: []", "did you mean rules?"},
      {"- level: full", "the file: must be a map"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_FALSE(parse_policy(text, "p.yaml")) << text;
    EXPECT_THAT(problems_of(text), ::testing::Contains(HasSubstr(expected))) << text;
  }
}

TEST(PolicyFile, LimitsAreErrors) {
  std::string many = "rules:\n";
  for (std::size_t i = 0; i <= kPolicyRulesMax; ++i) {
    many += "  - {match: {tools: t" + std::to_string(i) + "}, level: full}\n";
  }
  EXPECT_THAT(problems_of(many), ::testing::Contains(HasSubstr("more than 1000 rules")));
  const std::string longest(kPolicyPatternBytesMax + 1, 'x');
  EXPECT_THAT(problems_of("rules: [{match: {tools: " + longest + "}, level: full}]"),
              ElementsAre(HasSubstr("longer than 256 bytes")));
}

TEST(PolicyFile, WarningsAreNoErrors) {
  const char* text = "rules: [{name: a, level: full}, {name: b, match: {tools: x}, level: none}]";
  EXPECT_THAT(problems_of(text), ElementsAre(HasSubstr("warning: rule \"b\" is never reached")));
  EXPECT_TRUE(parse_policy(text, "p.yaml"));
  EXPECT_THAT(problems_of("rules: [{match: {tools: x}, level: none}]"), IsEmpty());
}

}  // namespace
}  // namespace tally::policy
