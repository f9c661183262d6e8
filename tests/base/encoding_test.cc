// SPDX-License-Identifier: Apache-2.0
// Encodings against the vectors of RFC 4648; decoding refuses everything that encoding would not
// give.
#include "base/encoding.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace tally {
namespace {

using namespace std::string_literals;

std::string random_bytes(std::mt19937_64& random, std::size_t size) {
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

TEST(Base64, Rfc4648Vectors) {
  const std::array<std::pair<const char*, const char*>, 7> vectors{{{"", ""},
                                                                    {"f", "Zg=="},
                                                                    {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},
                                                                    {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="},
                                                                    {"foobar", "Zm9vYmFy"}}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(to_base64(as_bytes(plain)), encoded);
    EXPECT_EQ(from_base64(encoded), plain);
  }
  EXPECT_EQ(to_base64(as_bytes("\xFB\xFF\xBF")), "+/+/");
}

TEST(Base64, RefusesEveryOtherSpelling) {
  for (const char* text :
       {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v\n", "Zm 9v", "=g==", "Z===", "====", "Zg=v",
        "Zg==Zg==", "Zm9vYg==Zm9v", "-_-_", "Zm9v=", "Z", "Zm\xC3\xA9"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
  EXPECT_FALSE(from_base64("Zm9\0"s));
}

TEST(Base64, WhatDecodesEncodesToTheSameText) {
  std::mt19937_64 random(1);
  for (std::size_t size = 0; size < 300; ++size) {
    const std::string bytes = random_bytes(random, size);
    ASSERT_EQ(from_base64(to_base64(as_bytes(bytes))), bytes);
  }
  // Every 4-character text over the alphabet's edges and padding: accepted exactly when canonical.
  const std::string letters = "ABQgw/+9=-";
  int accepted = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string text{letters[static_cast<std::size_t>(i / 1000)],
                           letters[static_cast<std::size_t>(i / 100 % 10)],
                           letters[static_cast<std::size_t>(i / 10 % 10)],
                           letters[static_cast<std::size_t>(i % 10)]};
    if (const auto bytes = from_base64(text)) {
      ASSERT_EQ(to_base64(as_bytes(*bytes)), text);
      ++accepted;
    }
  }
  // 8 letters of the alphabet: 8^4 full groups; one '=': 8^2 times the letters with two zero bits
  // low (A Q g w); two '=': 8 times the letters with four zero bits low (A Q g w).
  EXPECT_EQ(accepted, 4096 + 64 * 4 + 8 * 4);
}

TEST(Hex, RoundTripsAndIsStrict) {
  EXPECT_EQ(to_hex(as_bytes("\x00\x01\xAB\xFF"s)), "0001abff");
  EXPECT_EQ(from_hex("0001abff"), "\x00\x01\xAB\xFF"s);
  EXPECT_EQ(from_hex(""), "");
  for (const char* text : {"0", "AB", "0g", "0x00", " 00", "00 ", "0:0"})
    EXPECT_FALSE(from_hex(text)) << text;
  for (int c = 0; c < 256; ++c) {
    const std::string text{'0', static_cast<char>(c)};
    EXPECT_EQ(from_hex(text).has_value(), (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) << c;
  }
}

TEST(BigEndian, StoresAndLoads) {
  std::array<std::byte, 8> bytes{};
  store_be64(0x0123456789ABCDEFU, bytes.data());
  EXPECT_EQ(to_hex(bytes), "0123456789abcdef");
  EXPECT_EQ(load_be64(bytes.data()), 0x0123456789ABCDEFU);
  store_be32(0xFF00FF01U, bytes.data());
  EXPECT_EQ(to_hex(bytes), "ff00ff0189abcdef");
  EXPECT_EQ(load_be32(bytes.data()), 0xFF00FF01U);
}

TEST(ParseDecimal, AcceptsOneSpellingPerNumber) {
  EXPECT_EQ(parse_decimal("0"), 0U);
  EXPECT_EQ(parse_decimal("7"), 7U);
  EXPECT_EQ(parse_decimal("18446744073709551615"), 18446744073709551615U);
  for (const char* text : {"", "00", "07", "+7", "-0", "-7", " 7", "7 ", "7\n", "0x7", "1e3", "7.0",
                           "18446744073709551616", "99999999999999999999999"}) {
    EXPECT_FALSE(parse_decimal(text)) << text;
  }
  EXPECT_FALSE(parse_decimal("7\0"s));
}

const std::array kWellFormed = {
    "plain"s,        "\x7F"s,           "\xC2\x80"s,     "\xDF\xBF"s,         "\xE0\xA0\x80"s,
    "\xED\x9F\xBF"s, "\xEE\x80\x80"s,   "\xEF\xBF\xBF"s, "\xF0\x90\x80\x80"s, "\xF4\x8F\xBF\xBF"s,
    "\x00"s,         "a\xE2\x82\xAC z"s};
const std::array kIllFormed = {"\x80"s,              // continuation alone
                               "\xC0\x80"s,          // overlong NUL
                               "\xC1\xBF"s,          // overlong
                               "\xE0\x9F\xBF"s,      // overlong
                               "\xED\xA0\x80"s,      // surrogate D800
                               "\xED\xBF\xBF"s,      // surrogate DFFF
                               "\xF0\x8F\xBF\xBF"s,  // overlong
                               "\xF4\x90\x80\x80"s,  // above 10FFFF
                               "\xF5\x80\x80\x80"s,
                               "\xFE"s,
                               "\xFF"s,
                               "\xC2"s,
                               "\xE2\x82"s,
                               "\xF0\x9F\x98"s,  // cut
                               "\xC2 "s,
                               "\xE2\x82 "s};

TEST(Utf8, TellsWellFormedText) {
  for (const auto& text : kWellFormed) EXPECT_TRUE(is_utf8(text)) << to_hex(as_bytes(text));
  for (const auto& text : kIllFormed) EXPECT_FALSE(is_utf8(text)) << to_hex(as_bytes(text));
}

TEST(Utf8, PrefixNeverCutsACharacter) {
  const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z";  // 1, 2, 3, 4, 1 bytes
  const std::array<std::size_t, 12> expected = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};
  for (std::size_t n = 0; n < expected.size(); ++n)
    EXPECT_EQ(utf8_prefix(text, n).size(), expected[n]) << n;
  EXPECT_EQ(utf8_prefix(text, 1000), text);
  EXPECT_EQ(utf8_prefix("", 0), "");
}

TEST(Utf8, RepairReplacesOnlyWhatIsIllFormed) {
  EXPECT_EQ(utf8_repair("a\xFF"
                        "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(utf8_repair("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  for (const auto& text : kWellFormed) EXPECT_EQ(utf8_repair(text), text);
  for (const auto& text : kIllFormed) {
    const std::string repaired = utf8_repair("<" + text + ">");
    EXPECT_TRUE(is_utf8(repaired));
    EXPECT_EQ(repaired.substr(0, 4), "<\xEF\xBF\xBD");
    EXPECT_EQ(repaired.back(), '>');
  }
}

TEST(Utf8, RepairOfAnythingIsWellFormed) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 20'000; ++i) {
    const std::string bytes = random_bytes(random, random() % 24);
    const std::string repaired = utf8_repair(bytes);
    ASSERT_TRUE(is_utf8(repaired)) << to_hex(as_bytes(bytes));
    // Well-formed exactly when nothing had to change: agrees with simdjson's validator.
    ASSERT_EQ(repaired == bytes, is_utf8(bytes)) << to_hex(as_bytes(bytes));
  }
}

TEST(Encoding, HexIsAppended) {
  std::string out = "x:";
  append_hex(out, as_bytes("\x01\xAB"));
  EXPECT_EQ(out, "x:01ab");
}

}  // namespace
}  // namespace tally
