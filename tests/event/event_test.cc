// SPDX-License-Identifier: Apache-2.0
// Texts of the enums are stable API.
#include "event/event.h"

#include <gtest/gtest.h>

namespace tally::event {
namespace {

template <class Enum>
void expect_round_trip(const std::string& allowed) {
  EXPECT_EQ(allowed_texts<Enum>(), allowed);
  std::size_t count = 0;
  for (std::size_t at = 0; at != std::string::npos; ++count) {
    const std::size_t comma = allowed.find(", ", at);
    const std::string text = allowed.substr(at, comma == std::string::npos ? comma : comma - at);
    const auto value = from_text<Enum>(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(static_cast<std::size_t>(*value), count);
    EXPECT_EQ(to_text(*value), text);
    at = comma == std::string::npos ? comma : comma + 2;
  }
  EXPECT_FALSE(from_text<Enum>(""));
  EXPECT_FALSE(from_text<Enum>("Success"));
  EXPECT_FALSE(from_text<Enum>("nothing"));
}

TEST(Event, EnumsReadBackWhatTheyWrite) {
  expect_round_trip<EventType>("auth, admin, api, rpc, mcp, access, security, system, audit");
  expect_round_trip<EventResult>("success, failure, denied, error, deferred, pending, unknown");
  expect_round_trip<Status>("initiated, succeeded, failed");
  expect_round_trip<Severity>("debug, info, warning, error, critical");
  expect_round_trip<SeverityLevel>("low, medium, high, critical");
  expect_round_trip<ActorType>("user, service, api_key, system, anonymous");
  expect_round_trip<ActorVerified>("false, true, claimed");
}

TEST(Event, StatusAndSeverityFollowTheResult) {
  const struct {
    EventResult result;
    Status status;
    Severity severity;
  } rows[] = {
      {EventResult::success, Status::succeeded, Severity::info},
      {EventResult::failure, Status::failed, Severity::warning},
      {EventResult::denied, Status::failed, Severity::warning},
      {EventResult::error, Status::failed, Severity::error},
      {EventResult::deferred, Status::succeeded, Severity::info},
      {EventResult::pending, Status::initiated, Severity::info},
      {EventResult::unknown, Status::failed, Severity::warning},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(status_of(row.result), row.status) << to_text(row.result);
    EXPECT_EQ(severity_of(row.result), row.severity) << to_text(row.result);
  }
}

}  // namespace
}  // namespace tally::event
