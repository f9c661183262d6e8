// SPDX-License-Identifier: Apache-2.0
#include "policy/explain.h"

#include "base/json.h"
#include "policy/policy_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::policy {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Policy example() {
  auto policy = parse_policy(R"(rules:
  - {name: quiet, match: {methods: ping}, level: none}
  - {name: less, match: {servers: files}, level: metadata}
)",
                             "p.yaml");
  EXPECT_TRUE(policy);
  return std::move(*policy);
}

Interaction call(std::string_view server) {
  Interaction i;
  i.method = "tools/call";
  i.tool = "write";
  i.server = server;
  return i;
}

TEST(Explain, NamesTheRuleThoseBeforeItAndWhereTheRestIsFrom) {
  const Policy policy = example();
  const Explanation e = explain(policy, call("files"));
  ASSERT_EQ(e.tried.size(), 2U);
  EXPECT_EQ(e.tried[0].name, "quiet");
  EXPECT_EQ(e.tried[0].unmet, "methods");
  EXPECT_EQ(e.tried[1].name, "less");
  EXPECT_EQ(e.tried[1].place, "p.yaml:3");
  EXPECT_EQ(e.filled_in_by, "call");
  EXPECT_EQ(e.decision.rule, policy.decide(call("files")).rule);
  const std::string text = explanation_text(e);
  EXPECT_THAT(text, HasSubstr("rule:        less (p.yaml:3)\nlevel:       metadata\nstages:      "
                              "initiated, completed\non_failure:  block\nwrite-ahead: yes"));
  EXPECT_THAT(text, HasSubstr("  quiet: does not fit methods\n"));
}

TEST(Explain, TheDefaultRulesSaySo) {
  const Policy policy = example();  // the explanation points into it
  const Explanation e = explain(policy, call("git"));
  EXPECT_EQ(e.tried.back().name, "call");
  EXPECT_THAT(explanation_text(e), HasSubstr("rule:        call (built in)"));
  EXPECT_THAT(explanation_text(e), Not(HasSubstr("leaves open")));
}

TEST(Explain, JsonIsOneObject) {
  for (const auto* server : {"files", "git"}) {
    const std::string text = explanation_json(explain(example(), call(server)));
    json::Document document;
    const auto parsed = document.parse(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->find("write_ahead")->raw(), "true");
    EXPECT_EQ(parsed->find("read_only")->text(), "not_hinted");
  }
  Interaction ping;
  ping.method = "ping";
  EXPECT_THAT(explanation_json(explain(example(), ping)),
              HasSubstr("\"level\":\"none\",\"initiated\":false,\"completed\":false"));
}

TEST(Explain, EveryReasonForReadOnlyIsSaid) {
  for (const ReadOnly why : {ReadOnly::not_a_call, ReadOnly::not_hinted, ReadOnly::not_believed,
                             ReadOnly::hinted, ReadOnly::listed}) {
    EXPECT_THAT(std::string(read_only_text(why)),
                HasSubstr(known_read_only(why) ? "yes: " : "no: "));
  }
}

}  // namespace
}  // namespace tally::policy
