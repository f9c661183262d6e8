// SPDX-License-Identifier: Apache-2.0
#include "access/principal.h"

#include "base/limits.h"

#include <gtest/gtest.h>

#include <map>

namespace tally::access {
namespace {

TEST(Principal, EachRoleMayDoWhatTheTableSays) {
  const std::map<Need, std::array<bool, 3>> table = {// admin, auditor, writer
                                                     {Need::nothing, {true, true, true}},
                                                     {Need::read, {true, true, false}},
                                                     {Need::write, {true, false, true}},
                                                     {Need::observe, {true, true, false}},
                                                     {Need::manage, {true, false, false}}};
  for (const auto& [need, allowed] : table) {
    EXPECT_EQ(permits(Role::admin, need), allowed[0]);
    EXPECT_EQ(permits(Role::auditor, need), allowed[1]);
    EXPECT_EQ(permits(Role::writer, need), allowed[2]);
  }
}

TEST(Principal, RolesHaveNames) {
  for (const Role role : {Role::admin, Role::auditor, Role::writer}) {
    EXPECT_EQ(parse_role(role_name(role)), role);
  }
  const auto wrong = parse_role("Admin");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().detail, "\"Admin\" is no role; write admin, auditor or writer");
}

TEST(Scope, NamesServersOnceAndInOrder) {
  Scope scope;
  EXPECT_TRUE(scope.everything());
  ASSERT_TRUE(scope.add("server=git"));
  ASSERT_TRUE(scope.add("server=@acme/files"));
  ASSERT_TRUE(scope.add("server=git"));
  EXPECT_EQ(scope.texts(), (std::vector<std::string>{"server=@acme/files", "server=git"}));
  EXPECT_FALSE(scope.everything());
}

TEST(Scope, RefusesWhatNamesNoServer) {
  for (const std::string& text :
       {std::string("git"), std::string("server="), std::string("tool=x"),
        std::string("server=a\n"), "server=" + std::string(kScopeNameBytesMax + 1, 'x'),
        std::string("server=\xff")}) {
    Scope scope;
    EXPECT_FALSE(scope.add(text)) << text;
    EXPECT_TRUE(scope.everything());
  }
  Scope full;
  for (std::size_t i = 0; i < kScopeServersMax; ++i) {
    ASSERT_TRUE(full.add("server=s" + std::to_string(i)));
  }
  EXPECT_FALSE(full.add("server=one-more"));
}

}  // namespace
}  // namespace tally::access
