// SPDX-License-Identifier: Apache-2.0
#include "base/ip_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally {
namespace {

using ::testing::HasSubstr;

IpAddress address(std::string_view text) {
  const auto parsed = IpAddress::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(IpAddress());
}

TEST(IpAddress, ReadsBothFamiliesAndPrintsThemCanonically) {
  EXPECT_EQ(address("192.0.2.1").text(), "192.0.2.1");
  EXPECT_EQ(address("2001:DB8:0:0:0:0:0:1").text(), "2001:db8::1");
  EXPECT_EQ(address("::ffff:192.0.2.1"), address("192.0.2.1"));
  EXPECT_TRUE(address("::ffff:192.0.2.1").is_v4());
  EXPECT_FALSE(address("::1").is_v4());
}

TEST(IpAddress, RefusesWhatOthersMightReadDifferently) {
  for (const std::string_view bad : std::initializer_list<std::string_view>{
           "", "1.2.3", "01.2.3.4", "1.2.3.4 ", "256.1.1.1", "0x7f.1", "[::1]", "::1%eth0", "fe80",
           "1:2:3:4:5:6:7:8:9", "localhost", std::string_view("127.0.0.1\0", 10)}) {
    EXPECT_FALSE(IpAddress::parse(bad)) << bad;
  }
}

TEST(IpAddress, KnowsLoopback) {
  for (const auto* yes : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(address(yes).is_loopback()) << yes;
  }
  for (const auto* no : {"126.0.0.1", "::2", "1::1", "::", "0.0.0.0"}) {
    EXPECT_FALSE(address(no).is_loopback()) << no;
  }
}

bool contains(std::string_view range, std::string_view text) {
  const auto parsed = AddressRange::parse(range);
  EXPECT_TRUE(parsed) << range;
  return parsed && parsed->contains(address(text));
}

TEST(AddressRange, HoldsWhatSharesItsPrefix) {
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(contains("192.0.2.128/25", "192.0.2.129"));
  EXPECT_FALSE(contains("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(contains("192.0.2.7", "::ffff:192.0.2.7"));
  EXPECT_FALSE(contains("192.0.2.7", "192.0.2.6"));
  EXPECT_TRUE(contains("fd00::/8", "fdff::1"));
  EXPECT_FALSE(contains("fd00::/8", "fe00::1"));
  EXPECT_TRUE(contains("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(contains("::/0", "203.0.113.9"));
}

TEST(AddressRange, AgreesWithComparingBitByBit) {
  for (unsigned bits = 0; bits <= 32; ++bits) {
    const std::string range = "0.0.0.0/" + std::to_string(bits);
    for (unsigned set = 0; set < 32; ++set) {
      const std::uint32_t value = std::uint32_t{1} << (31 - set);
      const std::string text =
          std::to_string(value >> 24) + '.' + std::to_string((value >> 16) & 255) + '.' +
          std::to_string((value >> 8) & 255) + '.' + std::to_string(value & 255);
      EXPECT_EQ(contains(range, text), set >= bits) << range << ' ' << text;
    }
  }
}

TEST(AddressRange, PrintsWhatItReads) {
  for (const auto* text : {"10.0.0.0/8", "fd00::/8", "192.0.2.1", "::1", "0.0.0.0/0", "::/0"}) {
    EXPECT_EQ(AddressRange::parse(text)->text(), text);
  }
}

TEST(AddressRange, SaysWhatToWriteInstead) {
  for (const auto* bad : {"10.1.2.3/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "fd00::/129",
                          "gateway", "", "/8", "10.0.0.0/08x"}) {
    const auto range = AddressRange::parse(bad);
    ASSERT_FALSE(range) << bad;
    EXPECT_THAT(range.error().detail, HasSubstr("10.0.0.0/8"));
  }
}

}  // namespace
}  // namespace tally
