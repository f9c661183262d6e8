// SPDX-License-Identifier: Apache-2.0
#include "index/display.h"

#include <gtest/gtest.h>

#include <random>

namespace tally::index {
namespace {

TEST(Display, ControlsAndReorderingBecomeVisible) {
  EXPECT_EQ(visible("plain é 漢 😀"), "plain é 漢 😀");
  EXPECT_EQ(visible("a\x1b[31mred\x1b[0m\r\n\t\x07"), "a\\x1b[31mred\\x1b[0m\\r\\n\\t\\x07");
  EXPECT_EQ(visible("\x7f\xC2\x9B"
                    "31m"),
            "\\x7f\\x9b31m");
  EXPECT_EQ(visible("user\u202Etxt.exe\u2069\u200B\u2028\uFEFF"),
            "user\\u202etxt.exe\\u2069\\u200b\\u2028\\ufeff");
  EXPECT_EQ(visible("a\U000E0041"), "a\\U000e0041");
  EXPECT_EQ(visible("bad\xFF"), "bad\uFFFD");
  EXPECT_EQ(visible(std::string_view("\0", 1)), "\\x00");
}

TEST(Display, NoByteOfAnyTextReachesTheTerminalAsControl) {
  std::mt19937 random(51);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto n = random() % 12; n > 0; --n) text += static_cast<char>(random() % 256);
    const std::string shown = visible(text);
    for (const char c : shown) {
      EXPECT_GE(static_cast<unsigned char>(c), 0x20) << text;
      EXPECT_NE(c, '\x7f');
    }
    EXPECT_EQ(shown.find("\xC2\x9B"), std::string::npos);  // CSI as one character
    EXPECT_EQ(visible(shown), shown);
  }
}

TEST(Display, Widths) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("é"), 1U);
  EXPECT_EQ(display_width("e\u0301"), 1U);
  EXPECT_EQ(display_width("漢字"), 4U);
  EXPECT_EQ(display_width("한"), 2U);
  EXPECT_EQ(display_width("ﬀ"), 1U);
  EXPECT_EQ(display_width("😀"), 2U);
  EXPECT_EQ(display_width("…"), 1U);
  EXPECT_EQ(display_width("\U00020000"), 2U);
}

TEST(Display, Fitting) {
  EXPECT_EQ(fit("abcdef", 6), "abcdef");
  EXPECT_EQ(fit("abcdefg", 6), "abcde…");
  EXPECT_EQ(fit("漢字漢字", 4), "漢…");
  EXPECT_EQ(fit("漢字漢字", 5), "漢字…");
  EXPECT_EQ(fit("abc", 1), "…");
  EXPECT_EQ(fit("abc", 0), "");
  EXPECT_EQ(fit_end("abcdefg", 6), "…cdefg");
  EXPECT_EQ(fit_end("abcdef", 6), "abcdef");
  EXPECT_EQ(fit_end("漢字漢字", 4), "…字");
  EXPECT_EQ(fit_end("abc", 0), "");
  EXPECT_EQ(fit_padded("ab", 4), "ab  ");
  EXPECT_EQ(fit_padded("漢字漢字", 4), "漢… ");
}

TEST(Display, WhatFitsHasTheWidthItWasGiven) {
  std::mt19937 random(52);
  const char* const pieces[] = {"a", "é", "漢", "😀", "e\u0301", " ", "\xFF"};
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    for (auto n = random() % 20; n > 0; --n) text += pieces[random() % std::size(pieces)];
    const std::size_t columns = 1 + random() % 15;
    EXPECT_LE(display_width(fit(text, columns)), columns) << text;
    EXPECT_LE(display_width(fit_end(text, columns)), columns) << text;
    EXPECT_EQ(display_width(fit_padded(text, columns)), columns) << text;
  }
}

}  // namespace
}  // namespace tally::index
