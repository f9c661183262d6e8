// SPDX-License-Identifier: Apache-2.0
// The rows that are built in, against the routes of ContextForge 1.0.
#include "rest/path_table.h"

#include <gtest/gtest.h>

namespace tally::rest {
namespace {

const PathTable& table() {
  static const PathTable kTable = [] {
    const auto rows = contextforge_paths();
    return *PathTable::make({rows.begin(), rows.end()});
  }();
  return kTable;
}

TEST(ContextForgePaths, EachRouteIsWhatItSays) {
  struct Case {
    const char *method, *path;
    Category category;
    Action action;
    const char *type, *id;
  };
  const Case cases[] = {
      {"GET", "/tools", Category::api, Action::list, "tool", ""},
      {"POST", "/tools/", Category::api, Action::create, "tool", ""},
      {"PUT", "/tools/7", Category::api, Action::update, "tool", "7"},
      {"DELETE", "/gateways/g1", Category::api, Action::remove, "gateway", "g1"},
      {"POST", "/tools/7/toggle", Category::api, Action::set_state, "tool", "7"},
      {"POST", "/servers/s/state", Category::api, Action::set_state, "server", "s"},
      {"GET", "/servers/s/tools", Category::api, Action::view, "server", "s"},
      {"PUT", "/resources/file:%2F%2F%2Fa", Category::api, Action::update, "resource", "file:///a"},
      {"POST", "/resources/4/toggle", Category::api, Action::set_state, "resource", "4"},
      {"POST", "/prompts/p", Category::api, Action::update, "prompt", "p"},
      {"POST", "/gateways/g/tools/refresh", Category::api, Action::execute, "", ""},
      {"POST", "/admin/tools", Category::admin, Action::create, "tool", ""},
      {"POST", "/admin/tools/7/edit", Category::admin, Action::update, "tool", "7"},
      {"POST", "/admin/tools/7/delete", Category::admin, Action::remove, "tool", "7"},
      {"POST", "/admin/tools/7/state", Category::admin, Action::set_state, "tool", "7"},
      {"POST", "/admin/users/a%40b.example/activate", Category::admin, Action::enable, "user",
       "a@b.example"},
      {"POST", "/admin/users/a@b.example/deactivate", Category::admin, Action::disable, "user",
       "a@b.example"},
      {"POST", "/admin/teams/t/update", Category::admin, Action::update, "team", "t"},
      {"GET", "/admin/tools/partial", Category::admin, Action::list, "tool", ""},
      {"GET", "/admin", Category::admin, Action::view, "", ""},
      {"POST", "/admin/config/reset", Category::admin, Action::execute, "", ""},
      {"POST", "/admin/login", Category::auth, Action::login, "", ""},
      {"GET", "/admin/login", Category::admin, Action::view, "", ""},
      {"POST", "/auth/login", Category::auth, Action::login, "", ""},
      {"POST", "/auth/email/login", Category::auth, Action::login, "", ""},
      {"POST", "/auth/logout", Category::auth, Action::logout, "", ""},
      {"GET", "/admin/logout", Category::auth, Action::logout, "", ""},
      {"POST", "/auth/email/register", Category::auth, Action::create, "user", ""},
      {"PUT", "/auth/email/admin/users/u", Category::auth, Action::update, "user", "u"},
      {"POST", "/tokens", Category::auth, Action::issue_token, "", ""},
      {"DELETE", "/tokens/t1", Category::auth, Action::revoke_token, "", "t1"},
      {"GET", "/tokens", Category::auth, Action::view, "", ""},
      {"POST", "/teams", Category::admin, Action::create, "team", ""},
      {"POST", "/api/logs/search", Category::api, Action::execute, "", ""},
      {"POST", "/rpc", Category::rpc, Action::execute, "", ""},
  };
  for (const Case& c : cases) {
    const PathMatch found = table().find(c.method, c.path);
    ASSERT_NE(found.rule, nullptr) << c.path;
    EXPECT_EQ(found.rule->category, c.category) << c.path;
    EXPECT_EQ(found.action, c.action) << c.path;
    EXPECT_EQ(found.rule->target_type, c.type) << c.path;
    EXPECT_EQ(found.id, c.id) << c.path;
    EXPECT_EQ(found.rule->on_failure, policy::OnFailure::block) << c.path;
  }
}

TEST(ContextForgePaths, McpAndTheRest) {
  for (const char* path : {"/servers/s/mcp", "/servers/s/mcp/", "/servers/s/sse",
                           "/servers/s/message", "/Servers/s/messages"}) {
    EXPECT_TRUE(table().find("POST", path).mcp) << path;
    EXPECT_EQ(table().find("POST", path).rule, nullptr) << path;
  }
  for (const char* path : {"/health", "/", "/version", "/metrics", "/static/app.js"}) {
    EXPECT_EQ(table().find("GET", path).rule, nullptr) << path;
  }
  EXPECT_EQ(table().find("POST", "/auth/reset-password/S3").secret, "S3");
  EXPECT_EQ(table().find("GET", "/api/x").rule->level, policy::Level::metadata);
}

}  // namespace
}  // namespace tally::rest
