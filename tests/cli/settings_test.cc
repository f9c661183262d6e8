// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace tally::cli {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

Result<WriteSettings> settings(const std::map<std::string, std::string>& variables) {
  return write_settings([&](const std::string& name) -> std::optional<std::string> {
    const auto at = variables.find(name);
    return at == variables.end() ? std::nullopt : std::optional(at->second);
  });
}

TEST(Settings, DefaultsWithoutVariables) {
  const auto s = settings({});
  ASSERT_TRUE(s);
  EXPECT_EQ(s->batch_entries, kCommitEntriesMax);
  EXPECT_EQ(s->flush_interval, kFlushInterval);
  EXPECT_FALSE(s->hash);
  EXPECT_TRUE(s->enabled);
}

TEST(Settings, EachVariableIsHonoured) {
  const auto s = settings({{"AUDIT_LOG_BATCH_SIZE", "100"},
                           {"AUDIT_LOG_FLUSH_INTERVAL", "0.25"},
                           {"AUDIT_LOG_HASH_ALGORITHM", "sha3-256"},
                           {"AUDIT_LOG_ENABLED", "False"},
                           {"AUDIT_LOG_INTEGRITY_CHECKS", "true"}});
  ASSERT_TRUE(s) << s.error().detail;
  EXPECT_EQ(s->batch_entries, 100U);
  EXPECT_EQ(s->flush_interval, milliseconds(250));
  EXPECT_EQ(s->hash, crypto::HashAlgorithm::sha3_256);
  EXPECT_FALSE(s->enabled);
}

TEST(Settings, EmptyCountsAsUnset) {
  EXPECT_TRUE(settings({{"AUDIT_LOG_BATCH_SIZE", ""}, {"AUDIT_LOG_RETENTION_DAYS", ""}}));
}

TEST(Settings, BadValuesNameTheVariable) {
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"AUDIT_LOG_BATCH_SIZE", "0"},
                                          {"AUDIT_LOG_FLUSH_INTERVAL", "soon"},
                                          {"AUDIT_LOG_HASH_ALGORITHM", "md5"},
                                          {"AUDIT_LOG_ENABLED", "maybe"},
                                          {"AUDIT_LOG_INTEGRITY_CHECKS", "2"}}) {
    const auto s = settings({{name, value}});
    ASSERT_FALSE(s) << name;
    EXPECT_THAT(s.error().detail, HasSubstr(name));
  }
  EXPECT_FALSE(settings({{"AUDIT_LOG_BATCH_SIZE", "1025"}}));
  EXPECT_FALSE(settings({{"AUDIT_LOG_BATCH_SIZE", "10 "}}));
}

TEST(Settings, FeaturesThatAreNotThereAreRefusedNotIgnored) {
  for (const char* name :
       {"AUDIT_LOG_RETENTION_DAYS", "AUDIT_LOG_ARCHIVE_AFTER_DAYS", "AUDIT_LOG_ENCRYPTION",
        "AUDIT_LOG_ENCRYPTION_KEY", "AUDIT_ALERT_ENABLED", "AUDIT_ALERT_FAILED_LOGINS",
        "AUDIT_ALERT_PRIVILEGE_ESCALATION", "AUDIT_ALERT_DATA_EXFILTRATION",
        "AUDIT_ALERT_CONFIG_CHANGES"}) {
    const auto s = settings({{name, "true"}});
    ASSERT_FALSE(s) << name;
    EXPECT_EQ(s.error().code, Errc::unsupported);
    EXPECT_THAT(s.error().detail, HasSubstr(name));
  }
  EXPECT_FALSE(settings({{"AUDIT_LOG_INTEGRITY_CHECKS", "false"}}));
}

TEST(Settings, SwitchesThatAreOffAreObeyed) {
  EXPECT_TRUE(settings({{"AUDIT_LOG_ENCRYPTION", "false"}, {"AUDIT_ALERT_ENABLED", "off"}}));
  EXPECT_FALSE(settings({{"AUDIT_LOG_RETENTION_DAYS", "false"}}));
}

TEST(Settings, Intervals) {
  EXPECT_EQ(parse_interval("250ms"), milliseconds(250));
  EXPECT_EQ(parse_interval("2"), milliseconds(2000));
  EXPECT_EQ(parse_interval("2s"), milliseconds(2000));
  EXPECT_EQ(parse_interval("0.5s"), milliseconds(500));
  EXPECT_EQ(parse_interval("1.005"), milliseconds(1005));
  EXPECT_EQ(parse_interval("60"), milliseconds(60'000));
  for (const char* bad : {"", "s", "ms", "-1", "61", "60.001", "1.", "1.2345", "0.5ms", "1m", "1 s",
                          "18446744073709551615"}) {
    EXPECT_FALSE(parse_interval(bad)) << bad;
  }
}

TEST(Settings, Switches) {
  for (const char* yes : {"true", "TRUE", "1", "yes", "On"}) EXPECT_EQ(parse_switch(yes), true);
  for (const char* no : {"false", "0", "No", "off"}) EXPECT_EQ(parse_switch(no), false);
  for (const char* bad : {"", "y", "2", "true "}) EXPECT_EQ(parse_switch(bad), std::nullopt);
}

}  // namespace
}  // namespace tally::cli
