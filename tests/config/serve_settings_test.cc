// SPDX-License-Identifier: Apache-2.0
#include "config/setting.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace tally::config {
namespace {

TEST(ServeSettings, TheNamesOfTheContractAreThere) {
  std::set<std::string_view> variables;
  for (const auto& row : serve_settings()) variables.insert(row.environment);
  for (const std::string_view name :
       {"AUDIT_LOG_ENABLED", "AUDIT_LOG_BATCH_SIZE", "AUDIT_LOG_FLUSH_INTERVAL",
        "AUDIT_LOG_RETENTION_DAYS", "AUDIT_LOG_ARCHIVE_AFTER_DAYS", "AUDIT_LOG_INTEGRITY_CHECKS",
        "AUDIT_LOG_HASH_ALGORITHM", "AUDIT_LOG_ENCRYPTION", "AUDIT_LOG_ENCRYPTION_KEY",
        "AUDIT_ALERT_ENABLED", "AUDIT_ALERT_FAILED_LOGINS", "AUDIT_ALERT_PRIVILEGE_ESCALATION",
        "AUDIT_ALERT_DATA_EXFILTRATION", "AUDIT_ALERT_CONFIG_CHANGES"}) {
    EXPECT_TRUE(variables.contains(name)) << name;
  }
}

TEST(ServeSettings, NamesDifferAlsoFromThoseOfAProxy) {
  std::set<std::string_view> keys;
  std::set<std::string_view> names;
  for (const auto& row : serve_settings()) {
    EXPECT_TRUE(keys.insert(row.key).second) << row.key;
    EXPECT_TRUE(row.flag.empty() || names.insert(row.flag).second) << row.flag;
    EXPECT_TRUE(names.insert(row.environment).second) << row.environment;
    EXPECT_FALSE(row.help.empty());
    EXPECT_EQ(row.set == nullptr, row.get == nullptr) << row.key;
  }
  for (const auto& row : proxy_settings()) {
    EXPECT_TRUE(row.flag.empty() || names.insert(row.flag).second) << row.flag;
    EXPECT_TRUE(row.environment.empty() || names.insert(row.environment).second);
  }
}

TEST(ServeSettings, WhatIsShownCanBeGivenAgain) {
  for (const auto& row : serve_settings()) {
    if (row.set == nullptr || row.key == "proxies") continue;
    ServeConfig config;
    const std::vector<std::string> shown{row.get(config)};
    if (shown[0].empty() || shown[0] == "[]") continue;
    const auto again = row.set(config, shown);
    EXPECT_TRUE(again) << row.key << ": " << again.error().detail;
    EXPECT_EQ(row.get(config), shown[0]) << row.key;
  }
}

TEST(ServeSettings, KeysNeverShow) {
  for (const auto& row : serve_settings()) {
    EXPECT_EQ(row.secret, row.key == "log.encryption_key") << row.key;
  }
}

}  // namespace
}  // namespace tally::config
