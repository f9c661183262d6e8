// SPDX-License-Identifier: Apache-2.0
#include "rest/path_rule.h"

#include <gtest/gtest.h>

namespace tally::rest {
namespace {

TEST(PathRule, OnlyFourMethodsChangeNothing) {
  for (const char* method : {"GET", "HEAD", "OPTIONS", "TRACE", "get", "Head"}) {
    EXPECT_FALSE(may_change(method)) << method;
  }
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "post", "PROPPATCH", "GETX", ""}) {
    EXPECT_TRUE(may_change(method)) << method;
  }
}

TEST(PathRule, ActionFollowsFromTheMethod) {
  struct Case {
    const char* method;
    Action item, collection, path;
  };
  const Case cases[] = {{"GET", Action::view, Action::list, Action::view},
                        {"HEAD", Action::view, Action::list, Action::view},
                        {"POST", Action::update, Action::create, Action::execute},
                        {"PUT", Action::update, Action::update, Action::update},
                        {"PATCH", Action::update, Action::update, Action::update},
                        {"DELETE", Action::remove, Action::remove, Action::remove},
                        {"PURGE", Action::execute, Action::execute, Action::execute}};
  const PathRule object{.path = "/t/{id}", .target_type = "tool"};
  const PathRule path{.path = "/t"};
  for (const Case& c : cases) {
    EXPECT_EQ(action_of(object, c.method, true), c.item) << c.method;
    EXPECT_EQ(action_of(object, c.method, false), c.collection) << c.method;
    EXPECT_EQ(action_of(path, c.method, false), c.path) << c.method;
  }
  EXPECT_EQ(action_of({.path = "/l", .action = Action::login}, "GET", false), Action::login);
  EXPECT_EQ(action_of({.path = "/l", .action = Action::login}, "OPTIONS", false), Action::view);
  EXPECT_EQ(action_of(object, "options", true), Action::view);
}

TEST(PathRule, NamesAreThoseOfTheSettings) {
  EXPECT_EQ(category_name(Category::api), "api");
  EXPECT_EQ(category_name(Category::mcp), "mcp");
  EXPECT_EQ(action_name(Action::view), "view");
  EXPECT_EQ(action_name(Action::remove), "delete");
  EXPECT_EQ(action_name(Action::set_state), "state");
  EXPECT_EQ(action_name(Action::revoke_token), "revoke-token");
  EXPECT_EQ(action_names().size(), 13U);
  EXPECT_EQ(event_action(Action::remove), "delete");
  EXPECT_EQ(event_action(Action::set_state), "update");
  EXPECT_EQ(event_action(Action::issue_token), "create");
  EXPECT_EQ(event_action(Action::login), "login");
  EXPECT_TRUE(changes_object(Action::enable));
  EXPECT_FALSE(changes_object(Action::list));
}

}  // namespace
}  // namespace tally::rest
