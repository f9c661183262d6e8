// SPDX-License-Identifier: Apache-2.0
#include "config/facts.h"

#include <gtest/gtest.h>

namespace tally::config {
namespace {

Loaded loaded(const std::vector<std::pair<std::string, std::string>>& values,
              const std::string& policy = "p") {
  Loaded out;
  for (const auto& [key, value] : values) out.values.push_back({key, value, "somewhere"});
  out.policy_digest = policy;
  return out;
}

TEST(SettingsFacts, SayThatAndWhichAndNotWhat) {
  const SettingsFacts one = settings_facts(loaded({{"listen", "127.0.0.1:1"}, {"key", "(set)"}}));
  EXPECT_EQ(one.digest.size(), 64U);
  EXPECT_EQ(one.marks.find("127.0.0.1"), std::string::npos);
  EXPECT_NE(one.marks.find("\"listen\":\""), std::string::npos);
  // The order and the origin do not count.
  const SettingsFacts same = settings_facts(loaded({{"key", "(set)"}, {"listen", "127.0.0.1:1"}}));
  EXPECT_EQ(one.digest, same.digest);
  const SettingsFacts other = settings_facts(loaded({{"listen", "127.0.0.1:2"}, {"new", ""}}, "q"));
  EXPECT_EQ(differing_settings(one.marks, other.marks),
            (std::vector<std::string>{"key", "listen", "new", "policy.rules"}));
  EXPECT_TRUE(differing_settings(one.marks, same.marks).empty());
}

TEST(SettingsFacts, OnlyWhatIsTakenComesIntoForce) {
  const SettingsFacts now = settings_facts(loaded({{"a", "1"}, {"b", "1"}, {"c", "1"}}));
  const SettingsFacts next = settings_facts(loaded({{"a", "2"}, {"b", "2"}, {"d", "2"}}));
  const SettingsFacts in_force = with_settings(now, next, {"a", "c", "d"});
  EXPECT_EQ(differing_settings(in_force.marks, next.marks), std::vector<std::string>{"b"});
  EXPECT_NE(in_force.digest, now.digest);
  EXPECT_EQ(with_settings(now, next, {}).digest, now.digest);
}

TEST(SettingsFacts, TextThatIsNoMarksIsNone) {
  EXPECT_EQ(differing_settings("nonsense", R"({"a":"1"})"), std::vector<std::string>{"a"});
  EXPECT_TRUE(differing_settings("", "[]").empty());
}

TEST(PolicyDigest, TellsPoliciesApart) {
  policy::PolicyOptions options;
  const std::string none = policy_digest(options);
  options.rules.push_back({.name = "r", .methods = {"tools/call"}});
  const std::string one = policy_digest(options);
  EXPECT_NE(one, none);
  options.rules[0].level = policy::Level::none;
  EXPECT_NE(policy_digest(options), one);
  options.rules[0].level = policy::Level::full;
  EXPECT_EQ(policy_digest(options), one);
  // What stands in one list and what in the next is not the same.
  options.rules[0].tools = std::exchange(options.rules[0].methods, {});
  EXPECT_NE(policy_digest(options), one);
  policy::PolicyOptions trusted;
  trusted.trusted_servers = {"a"};
  policy::PolicyOptions untrusted;
  untrusted.untrusted_servers = {"a"};
  EXPECT_NE(policy_digest(trusted), policy_digest(untrusted));
}

}  // namespace
}  // namespace tally::config
