// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"
#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kPolicy =
    "rules:\n"
    "  - {name: quiet, match: {methods: ping}, level: none}\n"
    "  - {name: deploy, match: {tools: deploy, servers: prod}, level: metadata}\n";

TEST(PolicyCommand, CheckSaysFineOrEveryMistake) {
  const test::User user;
  const auto good = user.write("good.yaml", kPolicy);
  auto ran = user.run({"policy", "check", good});
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_EQ(ran.out, "fine: 2 rules before the built-in ones\n");
  EXPECT_EQ(ran.err, "");

  const auto bad = user.write("bad.yaml", "rules:\n  - {levle: none}\n  - {level: ful}\n");
  ran = user.run({"policy", "check", bad});
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("tallystick: policy: " + bad +
                                 ":2:6: rules[0]: no such key: \"levle\"; did you mean level?\n"));
  EXPECT_THAT(ran.err, HasSubstr(bad + ":3:13: rules[1].level: must be"));
}

TEST(PolicyCommand, WarningsDoNotFail) {
  const test::User user;
  const auto file = user.write("p.yaml", "rules: [{level: full}, {name: b, level: none}]\n");
  const auto ran = user.run({"policy", "check", file});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.err, HasSubstr("p.yaml:1:24: warning: rule \"b\" is never reached"));
}

TEST(PolicyCommand, CheckAsJson) {
  const test::User user;
  const auto ran =
      user.run({"policy", "check", "--json", user.write("p.yaml", "rules: [{level: ful}]\n")});
  EXPECT_EQ(ran.status, 2);
  json::Document document;
  const auto root = document.parse(ran.out);
  ASSERT_TRUE(root) << ran;
  EXPECT_EQ(root->find("ok")->raw(), "false");
  const auto problem = *root->find("problems")->children().begin();
  EXPECT_EQ(problem.find("line")->raw(), "1");
  EXPECT_EQ(problem.find("column")->raw(), "17");
}

TEST(PolicyCommand, ExplainNamesTheRule) {
  const test::User user;
  const auto file = user.write("p.yaml", kPolicy);
  const std::vector<std::string> words{"policy", "explain", "--method", "tools/call",
                                       "--tool", "deploy",  "--server", "prod"};
  auto with = words;
  with.insert(with.end(), {"--policy", file});
  auto ran = user.run(with);
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_THAT(ran.out, StartsWith("rule:        deploy (" + file + ":3)\nlevel:       metadata\n"));
  test::RunOptions options;
  options.environment["TALLYSTICK_POLICY"] = file;
  EXPECT_EQ(user.run(words, options).out, ran.out);
  EXPECT_THAT(user.run(words).out, StartsWith("rule:        call (built in)\n"));

  auto hinted = words;
  hinted.emplace_back("--read-only");
  EXPECT_THAT(user.run(hinted).out, StartsWith("rule:        read-only-call (built in)\n"));
  hinted.emplace_back("--json");
  json::Document document;
  ran = user.run(hinted);
  const auto root = document.parse(ran.out);
  ASSERT_TRUE(root) << ran;
  EXPECT_EQ(root->find("rule")->text(), "read-only-call");
  EXPECT_THAT(user.run({"policy", "explain", "--unparsed"}).out,
              StartsWith("rule:        unparsed (built in)\n"));
}

TEST(PolicyCommand, ExplainsPaths) {
  const test::User user;
  EXPECT_THAT(
      user.run({"policy", "explain", "--path", "/admin/tools/7?x=1", "--method", "DELETE"}).out,
      StartsWith("row:         /admin/tools/{id} (built in)\n"
                 "category:    admin\n"
                 "action:      delete\n"
                 "target:      tool \"7\"\n"));
  EXPECT_THAT(user.run({"policy", "explain", "--path", "/mcp"}).out, StartsWith("an MCP endpoint"));
  const std::string file = user.write("serve.yaml", R"(proxies:
  - name: gw
    listen: 127.0.0.1:1
    upstream: http://h
    path_defaults: none
    paths:
      - {path: '/reports/{id}', target: report, category: admin}
)");
  const auto ran =
      user.run({"policy", "explain", "--path", "/reports/3", "--config", file, "--json"});
  EXPECT_THAT(ran.out, HasSubstr(R"("row":"/reports/{id}","place":")" + file + ":7\""));
  EXPECT_THAT(user.run({"policy", "explain", "--path", "/tools/3", "--config", file}).out,
              StartsWith("no row: recorded at level metadata"));
  EXPECT_THAT(
      user.run({"policy", "explain", "--path", "/a", "--config", file, "--server", "x"}).err,
      HasSubstr("has no proxy named \"x\""));
}

TEST(PolicyCommand, UsageIsChecked) {
  const test::User user;
  for (const auto& [words, expected] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"policy"}, "say policy check FILE"},
           {{"policy", "chek"}, "say policy check FILE"},
           {{"policy", "check"}, "FILE: missing"},
           {{"policy", "check", "/none.yaml"}, "/none.yaml"},
           {{"policy", "explain"}, "--method: missing"},
           {{"policy", "explain", "p.yaml", "--method", "ping"}, "named by --policy FILE"},
           {{"policy", "explain", "--method", "ping", "--tool", "x"}, "--tool: only"},
           {{"policy", "explain", "--method", "ping", "--unparsed"}, "leave it out"},
           {{"policy", "explain", "--path", "tools"}, "--path: must be a path"},
           {{"policy", "explain", "--path", "/a", "--tool", "x"}, "--path: goes with"},
           {{"policy", "explain", "--config", "/x.yaml"}, "write --path PATH too"},
           {{"policy", "explain", "--method", "ping", "--direction", "up"}, "c2s or s2c"}}) {
    const auto ran = user.run(words);
    EXPECT_EQ(ran.status, 2);
    EXPECT_THAT(ran.err, HasSubstr(expected));
    EXPECT_EQ(ran.out, "");
  }
  EXPECT_THAT(user.run({"policy", "--help"}).out, HasSubstr("Usage: tallystick policy"));
}

}  // namespace
}  // namespace tally::cli
