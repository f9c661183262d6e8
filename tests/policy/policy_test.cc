// SPDX-License-Identifier: Apache-2.0
#include "policy/policy.h"

#include "mcp/methods.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tally::policy {
namespace {

constexpr auto c2s = mcp::Direction::c2s;
constexpr auto s2c = mcp::Direction::s2c;

Interaction method_call(std::string_view method, mcp::Direction direction = c2s) {
  Interaction i;
  i.direction = direction;
  i.method = method;
  i.server = "files";
  i.actor = "jane";
  return i;
}

Interaction tool_call(std::string_view tool, bool hinted) {
  Interaction i = method_call("tools/call");
  i.tool = tool;
  i.hinted_read_only = hinted;
  return i;
}

TEST(Policy, TheWriteAheadSet) {
  const Policy policy;
  const std::set<std::string_view> held{"tools/call", "tasks/update", "tasks/cancel"};
  for (const mcp::Method& m : mcp::methods()) {
    for (const mcp::Direction direction : {c2s, s2c}) {
      const Decision d = policy.decide(method_call(m.name, direction));
      EXPECT_EQ(d.write_ahead(), direction == c2s && held.contains(m.name)) << m.name;
      EXPECT_EQ(d.initiated,
                d.write_ahead() || (direction == c2s && m.name == "subscriptions/listen"));
      EXPECT_EQ(d.level, Level::full);
      EXPECT_TRUE(d.completed);
    }
  }
  EXPECT_FALSE(policy.decide(method_call("vendor/unknown")).write_ahead());
}

TEST(Policy, KnownReadOnlyDropsOnlyTheFirstStage) {
  const Policy policy;
  const Decision d = policy.decide(tool_call("read", true));
  EXPECT_FALSE(d.initiated);
  EXPECT_TRUE(d.completed);
  EXPECT_EQ(d.on_failure, OnFailure::allow);
  EXPECT_EQ(d.rule, "read-only-call");
  EXPECT_TRUE(policy.decide(tool_call("write", false)).write_ahead());
}

TEST(Policy, WhatIsAmbiguousOrUnreadableIsHeld) {
  const Policy policy;
  Interaction ambiguous = method_call("ping");
  ambiguous.ambiguous = true;
  EXPECT_TRUE(policy.decide(ambiguous).write_ahead());
  ambiguous.direction = s2c;
  EXPECT_FALSE(policy.decide(ambiguous).write_ahead());
  Interaction read_only = tool_call("read", true);
  read_only.ambiguous = true;
  EXPECT_TRUE(policy.decide(read_only).write_ahead());
  Interaction unparsed;
  unparsed.unparsed = true;
  EXPECT_EQ(policy.decide(unparsed).rule, "unparsed");
  EXPECT_TRUE(policy.decide(unparsed).write_ahead());
}

TEST(Policy, AnnotationsCanBeDistrusted) {
  PolicyOptions options;
  options.untrusted_servers = {"files"};
  const Policy policy(options);
  EXPECT_TRUE(policy.decide(tool_call("read", true)).write_ahead());
  Interaction other = tool_call("read", true);
  other.server = "git";
  EXPECT_FALSE(policy.decide(other).write_ahead());
}

TEST(Policy, AToolCanBeListedAsReadOnly) {
  PolicyOptions options;
  options.read_only_tools = {"files/read_*", "*/ping"};
  const Policy policy(options);
  EXPECT_FALSE(policy.decide(tool_call("read_file", false)).write_ahead());
  EXPECT_FALSE(policy.decide(tool_call("ping", false)).write_ahead());
  EXPECT_TRUE(policy.decide(tool_call("write_file", false)).write_ahead());
}

TEST(Policy, TheFirstRuleDecides) {
  PolicyOptions options;
  Rule quiet;
  quiet.name = "quiet";
  quiet.methods = {"notifications/*"};
  quiet.level = Level::none;
  Rule loose;
  loose.name = "loose";
  loose.methods = {"tools/call"};
  loose.tools = {"rm"};
  loose.servers = {"fi*"};
  loose.actors = {"jane"};
  loose.level = Level::metadata;
  loose.initiated = true;
  options.rules = {quiet, loose};
  const Policy policy(options);
  EXPECT_EQ(policy.decide(method_call("notifications/progress")).level, Level::none);
  const Decision d = policy.decide(tool_call("rm", false));
  EXPECT_EQ(d.rule, "loose");
  EXPECT_EQ(d.level, Level::metadata);
  EXPECT_FALSE(d.write_ahead());
  Interaction joe = tool_call("rm", false);
  joe.actor = "joe";
  EXPECT_EQ(policy.decide(joe).rule, "call");
}

TEST(Policy, Patterns) {
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("", ""));
  EXPECT_FALSE(matches("", "a"));
  EXPECT_TRUE(matches("a*c", "abbc"));
  EXPECT_TRUE(matches("a*b*c", "aXbYbZc"));
  EXPECT_FALSE(matches("a*b*c", "aXbYbZ"));
  EXPECT_TRUE(matches("**x", "x"));
  EXPECT_FALSE(matches("tools/call", "tools/calls"));
  EXPECT_FALSE(matches("Tools/*", "tools/call"));
}

}  // namespace
}  // namespace tally::policy
