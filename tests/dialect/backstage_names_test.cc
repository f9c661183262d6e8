// SPDX-License-Identifier: Apache-2.0
#include "dialect/backstage_names.h"

#include "event/catalog.h"

#include <gtest/gtest.h>

namespace tally::dialect {
namespace {

TEST(BackstageNames, TheMcpPluginsEventsAreThoseOfTheCatalogue) {
  EXPECT_EQ(event_name_of("mcp-actions", "tool-execution"), "mcp-tool-execution");
  EXPECT_EQ(event_name_of("mcp-actions", "tool-discovery"), "mcp-tool-discovery");
  EXPECT_EQ(event_name_of("mcp-actions", "connection"), "mcp-connection");
  EXPECT_NE(event::find_event("mcp-tool-execution"), nullptr);
  EXPECT_NE(event::find_event("mcp-tool-discovery"), nullptr);
  // The name for systems that have no plugin id to tell it.
  EXPECT_EQ(event_name_of("my-mcp", "mcp-tool-execution"), "mcp-tool-execution");
}

TEST(BackstageNames, OthersBeginWithTheirPlugin) {
  EXPECT_EQ(event_name_of("catalog", "entity-fetch"), "catalog-entity-fetch");
  EXPECT_EQ(event_name_of("scaffolder", "task"), "scaffolder-task");
  EXPECT_EQ(event_name_of("task", "task"), "task");
  EXPECT_EQ(event_name_of("catalog", "catalog-refresh"), "catalog-refresh");
  EXPECT_EQ(event_name_of("cat", "catalog-refresh"), "cat-catalog-refresh");
  EXPECT_EQ(event_name_of("", "entity-fetch"), "entity-fetch");
}

TEST(BackstageNames, HaveOnlyCharactersOfNames) {
  EXPECT_EQ(event_name_of("p", "a b\"\n\xC3\xA4"), "p-a-b----");
  EXPECT_EQ(event_name_of("p", std::string(4000, 'x')).size(), 128U);
}

TEST(BackstageNames, CamelCaseOfJanus) {
  EXPECT_EQ(kebab_case("CatalogEntityFetch"), "catalog-entity-fetch");
  EXPECT_EQ(kebab_case("ScaffolderTaskCreation"), "scaffolder-task-creation");
  EXPECT_EQ(kebab_case("RBACPolicyWrite"), "rbac-policy-write");
  EXPECT_EQ(kebab_case("GetV2Policies"), "get-v2-policies");
  EXPECT_EQ(kebab_case(""), "");
  EXPECT_EQ(kebab_case("already-kebab"), "already-kebab");
}

TEST(BackstageNames, ActionsAreWhatTheEventSaysOrItsLastWord) {
  EXPECT_EQ(event_action_of("entity-mutate", "delete"), "delete");
  EXPECT_EQ(event_action_of("connection", "established"), "connect");
  EXPECT_EQ(event_action_of("task", "stale-cancel"), "stale-cancel");
  EXPECT_EQ(event_action_of("entity-fetch", ""), "view");
  EXPECT_EQ(event_action_of("policy-write", ""), "update");
  EXPECT_EQ(event_action_of("something", ""), "unknown");
  EXPECT_EQ(event_action_of("something", "a b"), "a-b");
}

TEST(BackstageNames, TypesFollowThePlugin) {
  EXPECT_EQ(event_type_of("mcp-actions", "connection"), event::EventType::mcp);
  EXPECT_EQ(event_type_of("permission", "role-write"), event::EventType::admin);
  EXPECT_EQ(event_type_of("permission", "permission-evaluation"), event::EventType::access);
  EXPECT_EQ(event_type_of("auth", "login"), event::EventType::auth);
  EXPECT_EQ(event_type_of("catalog", "entity-fetch"), event::EventType::api);
  ASSERT_TRUE(next_meta_target(0));
  EXPECT_EQ(next_meta_target(0)->target_type, "tool");
  EXPECT_FALSE(next_meta_target(1000));
}

}  // namespace
}  // namespace tally::dialect
