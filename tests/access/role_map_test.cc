// SPDX-License-Identifier: Apache-2.0
#include "access/role_map.h"

#include <gtest/gtest.h>

namespace tally::access {
namespace {

RoleRules rules() { return {"realm_access.roles", {"boss"}, {"audit", "law"}, {"gateway"}, ""}; }

/// The role's name, or why there is none.
std::string role(const std::string& claims, const RoleRules& with = rules()) {
  const auto grant = RoleMap(with).grant(claims);
  return grant ? std::string(role_name(grant->role)) : grant.error().detail;
}

TEST(RoleMap, ValuesOfAClaimGiveARole) {
  EXPECT_EQ(role(R"({"realm_access":{"roles":["x","boss"]}})"), "admin");
  EXPECT_EQ(role(R"({"realm_access":{"roles":"law"}})"), "auditor");
  EXPECT_EQ(role(R"({"realm_access":{"roles":["gateway"]}})"), "writer");
  EXPECT_EQ(role(R"({"realm_access":{"roles":["gateway","audit"]}})"), "auditor");
  EXPECT_EQ(role(R"({"realm_access":{"roles":["gateway","audit","boss"]}})"), "admin");
  EXPECT_EQ(role(R"({"realm_access.roles":"boss"})"), "admin") << "a name with dots";
}

TEST(RoleMap, NothingElseDoes) {
  for (const char* claims :
       {"{}", R"({"roles":["boss"]})", R"({"realm_access":{"roles":["Boss","boss ","bos"]}})",
        R"({"realm_access":{"roles":"audit boss"}})", R"({"realm_access":{"roles":{"boss":true}}})",
        R"({"realm_access":{"roles":[["boss"]]}})", R"({"realm_access":"roles"})",
        R"({"realm_access":{"roles":["x"],"roles":["boss"]}})",
        R"({"realm_access":{"roles":["boss"],"Roles":[]}})",
        R"({"realm_access":{"roles":["boss"]},"realm_access":{}})",
        R"({"realm_access":[{"roles":["boss"]}]})"}) {
    EXPECT_EQ(role(claims), "no-role") << claims;
  }
  EXPECT_NE(role("no JSON"), "admin");
}

TEST(RoleMap, ScopesOfOauthAreWords) {
  RoleRules with = rules();
  with.role_claim = "scope";
  EXPECT_EQ(role(R"({"scope":"openid  boss profile"})", with), "admin");
  EXPECT_EQ(role(R"({"scope":"openid bossy"})", with), "no-role");
}

TEST(RoleMap, ServersThatATokenIsAbout) {
  RoleRules with = rules();
  with.scope_claim = "servers";
  const auto grant = [&](const std::string& servers) {
    return RoleMap(with).grant(R"({"realm_access":{"roles":"law"})" + servers + "}");
  };
  EXPECT_EQ(grant(R"(,"servers":["b","a"])")->scope.servers, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(grant(R"(,"servers":"a")")->scope.servers, std::vector<std::string>{"a"});
  EXPECT_TRUE(grant(R"(,"servers":["a","*"])")->scope.everything());
  // Nothing is not everything.
  for (const char* none : {"", R"(,"servers":[])", R"(,"servers":"")", R"(,"servers":[""])",
                           R"(,"servers":["a","b\n"])", R"(,"servers":7)", R"(,"servers":null)"}) {
    const auto refused = grant(none);
    ASSERT_FALSE(refused) << none;
    EXPECT_EQ(refused.error().detail, "no-scope");
  }
}

}  // namespace
}  // namespace tally::access
