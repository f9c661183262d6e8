// SPDX-License-Identifier: Apache-2.0
#include "index/pattern.h"

#include <gtest/gtest.h>

#include <random>

namespace tally::index {
namespace {

/// The plain definition: `*` is any run of characters.
bool naive(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (naive(pattern.substr(1), text.substr(i))) return true;
    }
    return false;
  }
  return !text.empty() && fold(text.substr(0, 1)) == pattern.substr(0, 1) &&
         naive(pattern.substr(1), text.substr(1));
}

Pattern split(std::string_view text) {
  Pattern pattern{{""}};
  for (const char c : text) {
    if (c == '*')
      pattern.pieces.emplace_back();
    else
      pattern.pieces.back() += c;
  }
  return pattern;
}

TEST(Pattern, AgreesWithItsDefinition) {
  std::mt19937 random(21);
  for (int i = 0; i < 50'000; ++i) {
    std::string pattern;
    std::string text;
    for (auto n = random() % 7; n > 0; --n) pattern += "ab*"[random() % 3];
    for (auto n = random() % 9; n > 0; --n) text += "abAB"[random() % 4];
    EXPECT_EQ(matches_whole(split(pattern), text), naive(pattern, text)) << pattern << " " << text;
    EXPECT_EQ(occurs_in(split(pattern), text), naive("*" + pattern + "*", text))
        << pattern << " " << text;
  }
}

TEST(Pattern, FindsLikeTheSimpleSearch) {
  std::mt19937 random(22);
  for (int i = 0; i < 50'000; ++i) {
    std::string text;
    std::string needle;
    for (auto n = random() % 80; n > 0; --n) text += "aAbB\xE9[{@`"[random() % 9];
    for (auto n = random() % 4; n > 0; --n) needle += "ab\xE9[{@`"[random() % 7];
    const std::size_t from = random() % (text.size() + 2);
    const std::size_t expected =
        from > text.size() ? std::string::npos : fold(text).find(needle, from);
    EXPECT_EQ(find_folded(text, needle, from), expected) << text << " " << needle << " " << from;
  }
}

TEST(Pattern, CaseIsIgnoredForAsciiOnly) {
  EXPECT_TRUE(matches_whole(Pattern{{fold("Alice@Example.COM")}}, "aLICE@example.com"));
  EXPECT_FALSE(matches_whole(Pattern{{fold("É")}}, "é"));
  EXPECT_EQ(fold("ÀbC"), "Àbc");
}

}  // namespace
}  // namespace tally::index
