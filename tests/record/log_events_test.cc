// SPDX-License-Identifier: Apache-2.0
#include "record/log_events.h"

#include "event/codec.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

const WallTime kNow = *parse_time("2026-11-21T19:00:00.123456Z");

TEST(LogEvents, ARecoverySaysWhatWasCutAndWhatWasDone) {
  UuidSource uuids(system_clock(), system_random());
  const auto event = recovery_event({.bytes_cut = 120,
                                     .lines_cut = 2,
                                     .cut_sha256 = "ab12",
                                     .segments_removed = 1,
                                     .lines_rewritten = 0,
                                     .tree_rebuilt = true},
                                    "instance-1", "append", uuids, kNow);
  EXPECT_EQ(event.event_name, "audit-log-recovered");
  EXPECT_EQ(event.event_type, event::EventType::audit);
  EXPECT_EQ(event.instance, "instance-1");
  EXPECT_EQ(event.source, "append");
  EXPECT_EQ(
      event.details,
      R"({"entries":2,"bytes":120,"sha256":"ab12","segments_removed":1,"lines_rewritten":0,"tree_rebuilt":true})");
  const auto decoded = event::decode(event::encode(event));
  ASSERT_TRUE(decoded) << decoded.error().detail;
  EXPECT_EQ(decoded->event, event);
}

TEST(LogEvents, NothingCutLeavesOutTheDigest) {
  UuidSource uuids(system_clock(), system_random());
  RecoveryFacts facts;
  facts.lines_rewritten = 7;
  const auto event = recovery_event(facts, "i", "wrap", uuids, kNow);
  EXPECT_EQ(event.details.find("sha256"), std::string::npos);
}

TEST(LogEvents, SwitchedOffAuditingNamesTheSetting) {
  UuidSource uuids(system_clock(), system_random());
  const auto event = disabled_event("i", "wrap", uuids, kNow);
  EXPECT_EQ(event.event_name, "audit-disabled");
  EXPECT_EQ(event.severity_level, event::SeverityLevel::critical);
  EXPECT_NE(event.details.find("AUDIT_LOG_ENABLED"), std::string::npos);
  EXPECT_EQ(event.timestamp, kNow);
}

}  // namespace
}  // namespace tally::record
