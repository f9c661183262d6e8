// SPDX-License-Identifier: Apache-2.0
#include "mcp/version_tracker.h"

#include <gtest/gtest.h>

namespace tally::mcp {
namespace {

TEST(VersionTracker, NothingIsKnownBeforeTheHandshake) {
  VersionTracker tracker;
  EXPECT_EQ(tracker.of_request(std::nullopt).text, "");
  EXPECT_EQ(tracker.current().version, Version::unknown);
}

TEST(VersionTracker, TheHandshakeDecidesForLegacyMessages) {
  VersionTracker tracker;
  tracker.negotiated("2025-06-18");
  EXPECT_EQ(tracker.of_request(std::nullopt).version, Version::v2025_06_18);
  EXPECT_FALSE(tracker.of_request(std::nullopt).stateless);
  EXPECT_EQ(tracker.of_notification(std::nullopt, false).text, "2025-06-18");
}

TEST(VersionTracker, EveryStatelessRequestSpeaksForItself) {
  VersionTracker tracker;
  const MessageVersion version = tracker.of_request("2026-07-28");
  EXPECT_EQ(version.version, Version::v2026_07_28);
  EXPECT_TRUE(version.stateless);
  // What bears no sign of its own on such a connection belongs to it too.
  EXPECT_TRUE(tracker.of_notification(std::nullopt, false).stateless);
}

TEST(VersionTracker, BothGenerationsOnOneConnection) {
  VersionTracker tracker;
  tracker.negotiated("2025-11-25");
  EXPECT_TRUE(tracker.of_request("2026-07-28").stateless);
  EXPECT_FALSE(tracker.of_request(std::nullopt).stateless);
  EXPECT_FALSE(tracker.of_notification(std::nullopt, false).stateless);
  EXPECT_TRUE(tracker.of_notification(std::nullopt, true).stateless);
  EXPECT_TRUE(tracker.of_notification("2026-07-28", false).stateless);
}

TEST(VersionTracker, UnknownVersionsKeepTheirText) {
  VersionTracker tracker;
  const MessageVersion version = tracker.of_request("2027-01-01");
  EXPECT_EQ(version.text, "2027-01-01");
  EXPECT_EQ(version.version, Version::unknown);
  EXPECT_TRUE(version.stateless);
  EXPECT_LE(tracker.of_request(std::string(1000, 'x')).text.size(), 32U);
}

}  // namespace
}  // namespace tally::mcp
