// SPDX-License-Identifier: Apache-2.0
// Every MCP method of every version has its event in the directions in which it may be sent.
#include "event/catalog.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace tally::event {
namespace {

constexpr auto kC2s = Direction::client_to_server;
constexpr auto kS2c = Direction::server_to_client;

/// Method, direction (>, <, =), event: written from the schemas of the five protocol versions.
constexpr struct {
  const char* method;
  char direction;
  const char* event;
} kMethods[] = {
    {"initialize", '>', "mcp-initialize"},
    {"notifications/initialized", '>', "mcp-initialized"},
    {"server/discover", '>', "mcp-server-discovery"},
    {"ping", '=', "mcp-ping"},
    {"tools/list", '>', "mcp-tool-discovery"},
    {"tools/call", '>', "mcp-tool-execution"},
    {"notifications/tools/list_changed", '<', "mcp-tool-list-changed"},
    {"resources/list", '>', "mcp-resource-discovery"},
    {"resources/templates/list", '>', "mcp-resource-template-discovery"},
    {"resources/read", '>', "mcp-resource-read"},
    {"resources/subscribe", '>', "mcp-resource-subscribe"},
    {"resources/unsubscribe", '>', "mcp-resource-unsubscribe"},
    {"subscriptions/listen", '>', "mcp-subscription-listen"},
    {"notifications/subscriptions/acknowledged", '<', "mcp-subscription-acknowledged"},
    {"notifications/resources/list_changed", '<', "mcp-resource-list-changed"},
    {"notifications/resources/updated", '<', "mcp-resource-updated"},
    {"prompts/list", '>', "mcp-prompt-discovery"},
    {"prompts/get", '>', "mcp-prompt-get"},
    {"notifications/prompts/list_changed", '<', "mcp-prompt-list-changed"},
    {"completion/complete", '>', "mcp-completion"},
    {"logging/setLevel", '>', "mcp-log-level-set"},
    {"notifications/message", '<', "mcp-log-message"},
    {"notifications/progress", '=', "mcp-progress"},
    {"notifications/cancelled", '=', "mcp-cancellation"},
    {"sampling/createMessage", '<', "mcp-sampling"},
    {"elicitation/create", '<', "mcp-elicitation"},
    {"notifications/elicitation/complete", '<', "mcp-elicitation-complete"},
    {"roots/list", '<', "mcp-root-discovery"},
    {"notifications/roots/list_changed", '>', "mcp-root-list-changed"},
    {"tasks/get", '=', "mcp-task-get"},
    {"tasks/cancel", '=', "mcp-task-cancel"},
    {"tasks/result", '=', "mcp-task-result"},
    {"tasks/list", '=', "mcp-task-discovery"},
    {"tasks/update", '>', "mcp-task-update"},
    {"notifications/tasks/status", '=', "mcp-task-status"},
    {"notifications/tasks", '<', "mcp-task-status"},
};

TEST(Catalog, EveryMethodHasItsEventInItsDirections) {
  std::set<std::string_view> listed;  // one may have two rows
  for (const CatalogEntry& entry : catalog()) {
    for (const CatalogMethod& method : entry.methods) listed.insert(method.method);
  }
  EXPECT_EQ(listed.size(), std::size(kMethods));
  for (const auto& row : kMethods) {
    EXPECT_EQ(event_for_method(row.method, kC2s).name,
              row.direction == '<' ? "mcp-unknown-method" : row.event)
        << row.method;
    EXPECT_EQ(event_for_method(row.method, kS2c).name,
              row.direction == '>' ? "mcp-unknown-method" : row.event)
        << row.method;
  }
}

TEST(Catalog, UnknownMethodsHaveAnEventOfTheirOwn) {
  for (const char* method : {"", "tools/Call", "tools/call ", "x/y", "notifications/"}) {
    EXPECT_EQ(event_for_method(method, kC2s).name, "mcp-unknown-method") << method;
  }
}

TEST(Catalog, NotificationsAreToldByTheirName) {
  for (const CatalogEntry& entry : catalog()) {
    for (const CatalogMethod& m : entry.methods) {
      EXPECT_EQ(m.kind == MessageKind::notification, m.method.starts_with("notifications/"))
          << m.method;
      EXPECT_TRUE(m.client_to_server || m.server_to_client);
      EXPECT_NE(m.versions, 0);
    }
  }
}

TEST(Catalog, NamesThatTheContractUses) {
  const std::map<std::string, std::pair<EventType, SeverityLevel>> expected = {
      {"mcp-tool-execution", {EventType::mcp, SeverityLevel::medium}},
      {"mcp-unparsed", {EventType::mcp, SeverityLevel::medium}},
      {"mcp-protocol-violation", {EventType::security, SeverityLevel::high}},
      {"mcp-tool-definition", {EventType::mcp, SeverityLevel::high}},
      {"mcp-server-start", {EventType::system, SeverityLevel::medium}},
      {"mcp-server-exit", {EventType::system, SeverityLevel::medium}},
      {"audit-gap", {EventType::audit, SeverityLevel::critical}},
      {"audit-disabled", {EventType::audit, SeverityLevel::critical}},
      {"audit-log-created", {EventType::audit, SeverityLevel::high}},
      {"audit-log-recovered", {EventType::audit, SeverityLevel::high}},
      {"audit-log-integrity-failure", {EventType::audit, SeverityLevel::critical}},
      {"audit-log-access", {EventType::audit, SeverityLevel::medium}},
      {"auth-failure", {EventType::auth, SeverityLevel::high}},
  };
  for (const auto& [name, facts] : expected) {
    const CatalogEntry* entry = find_event(name);
    ASSERT_NE(entry, nullptr) << name;
    EXPECT_EQ(entry->type, facts.first) << name;
    EXPECT_EQ(entry->level, facts.second) << name;
  }
  EXPECT_EQ(find_event("no-such-event"), nullptr);
}

TEST(Catalog, SuccessIsInfoForCallsAndDebugForTheRest) {
  for (const char* name : {"mcp-tool-execution", "mcp-resource-read", "mcp-prompt-get",
                           "mcp-sampling", "mcp-elicitation", "auth-login"}) {
    EXPECT_EQ(find_event(name)->severity_on_success, Severity::info) << name;
  }
  for (const char* name : {"mcp-ping", "mcp-tool-discovery", "mcp-progress", "mcp-initialize"}) {
    EXPECT_EQ(find_event(name)->severity_on_success, Severity::debug) << name;
  }
}

TEST(Catalog, ApplySetsTheFactsOfTheKind) {
  Event e;
  apply(*find_event("mcp-resource-read"), e);
  EXPECT_EQ(e.event_name, "mcp-resource-read");
  EXPECT_EQ(e.event_type, EventType::mcp);
  EXPECT_EQ(e.event_action, "view");
  EXPECT_EQ(e.severity_level, SeverityLevel::low);
  EXPECT_EQ(to_text(kC2s), "c2s");
  EXPECT_EQ(to_text(kS2c), "s2c");
}

}  // namespace
}  // namespace tally::event
