// SPDX-License-Identifier: Apache-2.0
#include "base/own_log.h"

#include "base/json.h"

#include <gtest/gtest.h>

namespace tally {
namespace {

TEST(OwnLog, IsALineForPeopleOrAnObjectForPrograms) {
  constexpr std::string_view kTime = "2026-11-22T10:00:00.000000Z";
  EXPECT_EQ(log_line(LogFormat::text, kTime, LogLevel::error, "log", "no room"),
            "tallystick: no room\n");
  EXPECT_EQ(log_line(LogFormat::json, kTime, LogLevel::warning, "log", "no \"room\"\nleft"),
            R"({"time":"2026-11-22T10:00:00.000000Z","level":"warning","component":"log",)"
            "\"message\":\"no \\\"room\\\"\\nleft\"}\n");
}

TEST(OwnLog, GoesToStandardErrorInTheFormatThatWasSet) {
  set_log_format(LogFormat::json);
  testing::internal::CaptureStderr();
  say(LogLevel::info, "api", "ready");
  const std::string said = testing::internal::GetCapturedStderr();
  set_log_format(LogFormat::text);
  json::Document document;
  const auto object = document.parse(std::string_view(said).substr(0, said.size() - 1));
  ASSERT_TRUE(object) << said;
  EXPECT_TRUE(object->find("message")->text_is("ready"));
  EXPECT_TRUE(object->find("level")->text_is("info"));
  testing::internal::CaptureStderr();
  say(LogLevel::info, "api", "ready");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "tallystick: ready\n");
}

TEST(OwnLog, FormatsHaveNames) {
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    EXPECT_EQ(parse_log_format(format_name(format)), format);
  }
  EXPECT_FALSE(parse_log_format("xml"));
}

}  // namespace
}  // namespace tally
