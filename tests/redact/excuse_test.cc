// SPDX-License-Identifier: Apache-2.0
// What stays visible under a sensitive name, and what only looks as if it could.
#include "redact/excuse.h"

#include <gtest/gtest.h>

#include <string>

namespace tally::redact {
namespace {

TEST(Excuse, HarmlessValues) {
  for (const std::string_view value :
       {"17", "-1.5", "2026-07-28", "2026-07-28T10:00:00.123456Z", "2026-07-28 10:00:00+02:00",
        "Bearer", "client_secret_basic", "urn:ietf:params:oauth:token-type:access_token",
        "https://as.example/token", "unix://run/agent", "https://as.example?a=b"}) {
    EXPECT_TRUE(excuses_string(Excuse::harmless, value)) << value;
    EXPECT_TRUE(excuses_text(Excuse::harmless, value)) << value;
    EXPECT_FALSE(excuses_string(Excuse::nothing, value)) << value;
  }
}

TEST(Excuse, ValuesThatCouldBeSecrets) {
  for (const std::string_view value :
       {"", "abc8", "hunter2", "123456789012345678901", "1234a", "2026-07-28-hunter", "2026-07",
        "https://u:p@h/", "https://token@h", "://x", "https://", "https:// x", "9https://h",
        "bearer x", "/etc/passwd", "ok"}) {
    EXPECT_FALSE(excuses_string(Excuse::harmless, value)) << value;
  }
}

TEST(Excuse, Paths) {
  EXPECT_TRUE(excuses_string(Excuse::path, "/srv/jane"));
  EXPECT_TRUE(excuses_string(Excuse::path, "C:\\Users\\jane"));
  for (const std::string_view value : {"", "home", "abc8", "/abc=", "1234", "C:x"})
    EXPECT_FALSE(excuses_string(Excuse::path, value)) << value;
}

TEST(Excuse, NumbersByKind) {
  EXPECT_TRUE(excuses_number(Excuse::number));
  EXPECT_TRUE(excuses_number(Excuse::count));
  EXPECT_TRUE(excuses_number(Excuse::harmless));
  EXPECT_FALSE(excuses_number(Excuse::path));
  EXPECT_FALSE(excuses_number(Excuse::nothing));
  // A string of digits may be a PIN; in text a count looks the same.
  EXPECT_FALSE(excuses_string(Excuse::count, "1234"));
  EXPECT_TRUE(excuses_text(Excuse::count, "1234"));
  EXPECT_FALSE(excuses_text(Excuse::number, "1234"));
  EXPECT_TRUE(excuses_text(Excuse::number, "true"));
  EXPECT_FALSE(excuses_text(Excuse::nothing, "true"));
}

}  // namespace
}  // namespace tally::redact
