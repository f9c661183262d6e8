// SPDX-License-Identifier: Apache-2.0
#include "http/chars.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace tally::http {
namespace {

TEST(Chars, KnowsTokensOfEveryByte) {
  // The list of RFC 9110 section 5.6.2, written out again.
  const std::string tchar =
      "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (int c = 0; c < 256; ++c) {
    EXPECT_EQ(is_token_char(static_cast<char>(c)),
              c != 0 && tchar.find(static_cast<char>(c)) != std::string::npos)
        << c;
  }
  EXPECT_TRUE(is_token("Mcp-Session-Id"));
  EXPECT_FALSE(is_token(""));
  EXPECT_FALSE(is_token("a b"));
}

TEST(Chars, ComparesAsciiLettersOnlyWithoutCase) {
  EXPECT_TRUE(equal_no_case("Host", "hOST"));
  EXPECT_FALSE(equal_no_case("Host", "Hosts"));
  EXPECT_FALSE(equal_no_case("[", "{"));  // 0x20 apart, no letters
  EXPECT_FALSE(equal_no_case("\xc4", "\xe4"));
  // Every byte against every other, at each place of short and of long texts.
  for (const std::size_t size : {1U, 7U, 8U, 9U, 16U, 19U}) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string a(size, '-');
      std::string b(size, '-');
      for (int x = 0; x < 256; ++x) {
        for (int y = 0; y < 256; ++y) {
          a[at] = static_cast<char>(x);
          b[at] = static_cast<char>(y);
          ASSERT_EQ(equal_no_case(a, b), to_lower(a[at]) == to_lower(b[at])) << x << ' ' << y;
        }
      }
    }
  }
  EXPECT_TRUE(starts_with_no_case("MCP-Name", "mcp-"));
  EXPECT_FALSE(starts_with_no_case("mcp", "mcp-"));
  EXPECT_EQ(lower("AbZ[\xc4"), "abz[\xc4");
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  for (std::size_t at = 0; at < all.size(); ++at) {
    std::string expected = all.substr(at);
    for (char& c : expected) c = to_lower(c);
    EXPECT_EQ(lower(all.substr(at)), expected);
  }
}

TEST(Chars, TrimsSpacesAndTabsOnly) {
  EXPECT_EQ(trim_ows(" \t a b\t "), "a b");
  EXPECT_EQ(trim_ows(" \t "), "");
  EXPECT_EQ(trim_ows("\va"), "\va");
}

TEST(Chars, ReadsHexDigits) {
  EXPECT_EQ(hex_value('0'), 0);
  EXPECT_EQ(hex_value('a'), 10);
  EXPECT_EQ(hex_value('F'), 15);
  for (char c : {'g', 'G', '/', ':', '@', '`', '\0', '\xff'}) EXPECT_EQ(hex_value(c), -1);
}

ValueChar naive(std::string_view value) {
  for (const char c : value) {
    if (c == '\0') return ValueChar::nul;
    if (c == '\r') return ValueChar::cr;
    if (c == '\n') return ValueChar::lf;
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7f) return ValueChar::control;
  }
  return ValueChar::good;
}

TEST(Chars, FindsTheFirstBadCharacterOfAValue) {
  for (int c = 0; c < 256; ++c) {
    for (std::size_t size = 1; size <= 20; ++size) {
      for (std::size_t at = 0; at < size; ++at) {
        for (const char filling : {'x', '\t', '\x80', '\xff'}) {
          std::string value(size, filling);
          value[at] = static_cast<char>(c);
          ASSERT_EQ(bad_value_char(value), naive(value)) << c << " at " << at << " of " << size;
        }
      }
    }
  }
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string value(random() % 40, ' ');
    for (char& c : value) c = static_cast<char>(random() % 8 == 0 ? random() % 33 : 'a');
    ASSERT_EQ(bad_value_char(value), naive(value));
  }
}

}  // namespace
}  // namespace tally::http
