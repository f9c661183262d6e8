// SPDX-License-Identifier: Apache-2.0
#include "rest/path_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::rest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Read {
  std::vector<PathRule> rules;
  std::vector<std::string> problems;
};

Read read_rules(const std::string& text) {
  const auto root = yaml::parse(text, "t.yaml");
  EXPECT_TRUE(root) << text;
  yaml::Problems problems;
  Read out;
  out.rules = read_paths(*root, "paths", "t.yaml", problems);
  for (const yaml::Problem& problem : problems.take()) {
    out.problems.push_back(yaml::format("t.yaml", problem));
  }
  return out;
}

TEST(PathFile, EveryKeyIsRead) {
  const Read all = read_rules(R"(- path: /reports/{id}
  methods: [GET, POST]
  category: admin
  action: update
  target: report
  level: full
  on_failure: allow
- path: /api/*
)");
  EXPECT_THAT(all.problems, ElementsAre());
  ASSERT_EQ(all.rules.size(), 2U);
  const PathRule& first = all.rules[0];
  EXPECT_EQ(first.path, "/reports/{id}");
  EXPECT_THAT(first.methods, ElementsAre("GET", "POST"));
  EXPECT_EQ(first.category, Category::admin);
  EXPECT_EQ(first.action, Action::update);
  EXPECT_EQ(first.target_type, "report");
  EXPECT_EQ(first.level, policy::Level::full);
  EXPECT_EQ(first.on_failure, policy::OnFailure::allow);
  EXPECT_EQ(first.place, "t.yaml:1");
  const PathRule& plain = all.rules[1];
  EXPECT_EQ(plain.category, Category::api);
  EXPECT_EQ(plain.action, Action::by_method);
  EXPECT_EQ(plain.level, policy::Level::request);
  EXPECT_EQ(plain.on_failure, policy::OnFailure::block);
  EXPECT_EQ(plain.place, "t.yaml:8");
}

TEST(PathFile, MistakesAreToldWithTheirPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"[{path: api}]", "t.yaml:1:9: paths[0].path: \"api\": must be a path such as /api/*"},
      {"[{level: full}]", "t.yaml:1:2: paths[0].path: \"\": must be a path such as /api/*"},
      {"[{path: '/a/{x}'}]", "write {id}, {id*}, {secret} or *"},
      {"[{path: /a, methods: post}]", "\"post\" is no HTTP method"},
      {"[{path: /a, level: all}]", "must be none, metadata, request or full"},
      {"[{path: /a, on_failure: x}]", "must be block or allow"},
      {"[{path: /a, category: web}]", "must be api, admin, auth, rpc or mcp"},
      {"[{path: /a, action: do}]", "paths[0].action: must be view, list, create"},
      {"[{path: /a, action: create}]", "needs to know of what; write target: tool"},
      {"[{path: /a, target: 'A tool'}]", "must be a word in lower case"},
      {"[{path: /a, category: mcp, action: login}]", "an MCP endpoint has none"},
      {"[{path: /a, pth: /b}]", "did you mean path?"},
      {"[{path: /a},\n {path: /a}]",
       "t.yaml:2:2: paths[1]: the same path and methods as the row "
       "at t.yaml:1"},
      {"{path: /a}", "paths: must be a list"},
  };
  for (const auto& [text, says] : cases) {
    EXPECT_THAT(read_rules(text).problems, testing::Contains(HasSubstr(says))) << text;
  }
  std::string many;
  for (int i = 0; i < 1'001; ++i) many += "- path: /a" + std::to_string(i) + "\n";
  EXPECT_THAT(read_rules(many).problems, ElementsAre(HasSubstr("more than 1000 rows")));
}

}  // namespace
}  // namespace tally::rest
