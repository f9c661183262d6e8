// SPDX-License-Identifier: Apache-2.0
#include "mcp/types.h"

#include <gtest/gtest.h>

namespace tally::mcp {
namespace {

TEST(Types, VersionsAreTheirDates) {
  for (const std::string_view text :
       {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"}) {
    EXPECT_EQ(version_text(parse_version(text)), text);
    EXPECT_NE(version_bit(parse_version(text)), 0);
  }
  EXPECT_EQ(parse_version("2025-11-26"), Version::unknown);
  EXPECT_EQ(version_text(Version::unknown), "");
  EXPECT_EQ(version_bit(Version::unknown), 0);
}

TEST(Types, BitsAreDistinct) {
  EXPECT_EQ(version_bit(Version::v2024_11_05), 1);
  EXPECT_EQ(version_bit(Version::v2026_07_28), 16);
}

TEST(Types, Directions) {
  EXPECT_EQ(direction_name(Direction::c2s), "c2s");
  EXPECT_EQ(direction_name(opposite(Direction::c2s)), "s2c");
  EXPECT_EQ(opposite(Direction::s2c), Direction::c2s);
}

}  // namespace
}  // namespace tally::mcp
