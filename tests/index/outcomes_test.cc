// SPDX-License-Identifier: Apache-2.0
#include "index/outcomes.h"

#include "event/catalog.h"
#include "event/event.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tally::index {
namespace {

TEST(OutcomesTest, FailedIsWhatDidNotHappenAsAsked) {
  std::set<std::string> failed;
  for (const char* result :
       {"success", "failure", "denied", "error", "deferred", "pending", "unknown", "", "Failure"}) {
    if (failed_outcome(result)) failed.insert(result);
  }
  EXPECT_EQ(failed, (std::set<std::string>{"failure", "denied", "error"}));
}

TEST(OutcomesTest, AFailedLoginIsOneByAnyName) {
  EXPECT_TRUE(failed_login({"auth-failure", "auth", "login", "failure"}));
  EXPECT_TRUE(failed_login({"my-login", "auth", "login", "denied"}));
  EXPECT_FALSE(failed_login({"auth-login", "auth", "login", "success"}));
  EXPECT_FALSE(failed_login({"auth-logout", "auth", "logout", "failure"}));
  EXPECT_FALSE(failed_login({"x", "mcp", "login", "failure"}));
}

TEST(OutcomesTest, ConfigurationChangesAreOfAdministratorsAndOfTheService) {
  EXPECT_TRUE(configuration_change({"server-registered", "admin", "create", "success"}));
  EXPECT_TRUE(configuration_change({"x", "admin", "delete", "unknown"}));
  EXPECT_FALSE(configuration_change({"x", "admin", "view", "success"}));
  EXPECT_FALSE(configuration_change({"x", "admin", "update", "denied"}));
  EXPECT_FALSE(configuration_change({"audit-gap", "audit", "create", "success"}));
}

TEST(OutcomesTest, TheServicesOwnChangesStandInTheCatalogue) {
  for (const char* name : {"audit-settings-changed", "audit-token-created", "audit-token-revoked",
                           "audit-key-rotated", "audit-disabled"}) {
    const event::CatalogEntry* const entry = event::find_event(name);
    ASSERT_NE(entry, nullptr) << name;
    event::Event event;
    event::apply(*entry, event);
    EXPECT_TRUE(configuration_change({name, "audit", event.event_action, "success"})) << name;
  }
}

}  // namespace
}  // namespace tally::index
