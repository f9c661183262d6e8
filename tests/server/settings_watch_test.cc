// SPDX-License-Identifier: Apache-2.0
#include "server/settings_watch.h"

#include "server/api_fixture.h"

namespace tally::server {
namespace {

class SettingsWatchTest : public test::ApiFixture {
 protected:
  void live(const std::string& digest) {
    settings_digest_ = digest;
    start();
    stop();
  }
};

TEST_F(SettingsWatchTest, OtherSettingsThanTheLastTimeAreAnEvent) {
  live("aaaa");
  EXPECT_NE(lines("\"audit-service-start\"")[0].find("\"settings_digest\":\"aaaa\""),
            std::string::npos);
  settings_digest_ = "aaaa";
  start();
  EXPECT_EQ(post(first_token_, R"({"event_name":"x"})").status(), 201);
  stop();
  EXPECT_TRUE(lines("\"audit-settings-changed\"").empty()) << "the same";
  settings_digest_ = "bbbb";
  start();
  const auto changed = wait_lines("\"audit-settings-changed\"", 1);
  EXPECT_NE(changed[0].find(R"("old_values":{"settings_digest":"aaaa"})"), std::string::npos)
      << changed[0];
  EXPECT_NE(changed[0].find(R"("new_values":{"settings_digest":"bbbb"})"), std::string::npos);
}

TEST_F(SettingsWatchTest, WhichOnesDifferIsNamed) {
  settings_marks_ = R"({"a":"1","b":"1"})";
  live("aaaa");
  settings_marks_ = R"({"a":"1","b":"2","c":"1"})";
  settings_digest_ = "bbbb";
  start();
  const auto changed = wait_lines("\"audit-settings-changed\"", 1);
  EXPECT_NE(changed[0].find(R"("details":{"reason":"restart","changed":["b","c"]})"),
            std::string::npos)
      << changed[0];
}

TEST_F(SettingsWatchTest, WhatWasReadAgainMeanwhileCounts) {
  live("aaaa");
  start();
  SelfEvents events(system_clock(), uuids_, "i", "serve", "origin");
  SelfEvents::Reloaded what;
  what.before.digest = "aaaa";
  what.now = {"bbbb", "{}"};
  log_->enqueue({events.reloaded(what)});
  wait_lines("\"reason\":\"reload\"", 1);
  stop();
  settings_digest_ = "bbbb";
  start();
  EXPECT_EQ(post(first_token_, R"({"event_name":"x"})").status(), 201);
  stop();
  EXPECT_EQ(lines("\"audit-settings-changed\"").size(), 1U) << "the reload alone";
}

TEST_F(SettingsWatchTest, WithoutADigestNothingIsCompared) {
  live("aaaa");
  live("");
  live("aaaa");
  EXPECT_TRUE(lines("\"audit-settings-changed\"").empty());
}

TEST(SettingsDigestOf, IsWhatTheLineSays) {
  EXPECT_EQ(settings_digest_of(R"({"seq":1,"details":{"version":"1","settings_digest":"ab"}})"),
            "ab");
  for (const char* line : {"", "nonsense", "{}", R"({"details":{"settings_digest":7}})"}) {
    EXPECT_EQ(settings_digest_of(line), "") << line;
  }
}

}  // namespace
}  // namespace tally::server
