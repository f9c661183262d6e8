// SPDX-License-Identifier: Apache-2.0
#include "event/json_scan.h"

#include <gtest/gtest.h>

#include <random>

namespace tally::event {
namespace {

std::size_t skipped(std::string_view text) {
  const char* const end = skip_value(text.data(), text.data() + text.size());
  return end == nullptr ? std::string_view::npos : static_cast<std::size_t>(end - text.data());
}

TEST(JsonScan, FindsSpecialCharactersAtEveryOffset) {
  for (std::size_t size = 0; size < 70; ++size) {
    for (std::size_t at = 0; at <= size; ++at) {
      for (const char special : {'"', '\\', '\x1F', '\0', '\n'}) {
        std::string text(size, '\xE9');
        for (std::size_t i = 0; i < size; i += 3) text[i] = ' ';
        if (at < size) text[at] = special;
        const char* const found = find_string_special(text.data(), text.data() + size);
        EXPECT_EQ(found - text.data(), static_cast<std::ptrdiff_t>(at));
      }
    }
  }
}

TEST(JsonScan, SkipsValues) {
  EXPECT_EQ(skipped("1,"), 1U);
  EXPECT_EQ(skipped("-1.5e3 }"), 6U);
  EXPECT_EQ(skipped("true]"), 4U);
  EXPECT_EQ(skipped(R"("a\"b",1)"), 6U);
  EXPECT_EQ(skipped(R"({"a":[1,{"]":"}"}]},2)"), 19U);
  EXPECT_EQ(skipped("[[[]]]"), 6U);
}

TEST(JsonScan, StopsAtTheEndOfCutText) {
  const std::string_view whole = R"({"a":[1,{"b":"c\\"}]})";
  EXPECT_EQ(skipped(whole), whole.size());
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_EQ(skipped(whole.substr(0, n)), std::string_view::npos) << n;
}

TEST(JsonScan, WalksMembers) {
  MemberScan members(R"( { "a" : 1 , "b\n":[2, 3],"":"" } )");
  ASSERT_TRUE(members.next());
  EXPECT_EQ(members.key(), "a");
  EXPECT_FALSE(members.key_escaped());
  EXPECT_EQ(members.raw(), "1");
  ASSERT_TRUE(members.next());
  EXPECT_EQ(members.key(), "b\\n");
  EXPECT_TRUE(members.key_escaped());
  EXPECT_EQ(members.raw(), "[2, 3]");
  ASSERT_TRUE(members.next());
  EXPECT_EQ(members.key(), "");
  EXPECT_EQ(members.raw(), R"("")");
  EXPECT_FALSE(members.next());
  EXPECT_TRUE(members.ok());
  EXPECT_FALSE(members.next());
}

TEST(JsonScan, MalformedObjectsAreNotOk) {
  for (const char* text : {"", "[]", "{", "{,}", R"({"a"})", R"({"a":})", R"({"a":1 "b":2})",
                           R"({a:1})", R"({"a":1)", R"({"a)", R"({1:2})", R"({"a":1,)"}) {
    MemberScan members(text);
    while (members.next()) {
    }
    EXPECT_FALSE(members.ok()) << text;
  }
}

TEST(JsonScan, FindsMembersByUnescapedKey) {
  EXPECT_EQ(find_member(R"({"x":1,"name":{"a":2}})", "name"), R"({"a":2})");
  EXPECT_EQ(find_member(R"({"n\u0061me":3})", "name"), "3");
  EXPECT_FALSE(find_member(R"({"x":{"name":1}})", "name"));
  EXPECT_FALSE(find_member("[1]", "name"));
}

TEST(JsonScan, StringTextUnescapesOnlyWhenNeeded) {
  std::string storage;
  EXPECT_EQ(string_text(R"("plain")", storage), "plain");
  EXPECT_TRUE(storage.empty());
  EXPECT_EQ(string_text(R"("a\nb")", storage), "a\nb");
  EXPECT_EQ(string_text("12", storage), "");
  EXPECT_EQ(string_text("", storage), "");
}

TEST(JsonScan, RandomBytesNeverLeaveTheText) {
  std::mt19937 random(5);
  const std::string_view alphabet = "{}[]\",:\\u0 a1tn";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto n = random() % 40; n > 0; --n) text += alphabet[random() % alphabet.size()];
    const std::size_t end = skipped(text);
    EXPECT_TRUE(end == std::string_view::npos || end <= text.size());
    MemberScan members(text);
    while (members.next()) EXPECT_LE(members.raw().size(), text.size());
  }
}

/// The end of a container by the definition: quotes, escapes in strings, brackets.
std::size_t naive_end(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && (c == '{' || c == '[')) {
      ++depth;
    } else if (!in_string && (c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

TEST(JsonScan, ContainersEndWhereTheDefinitionSays) {
  std::mt19937 random(31);
  // Letters keep what is special apart now and then, so that whole blocks have none of it.
  const std::string_view alphabet = "{}[]\"\\,:0aaaaaaaaaaaabbbbbbbbbbbbbb";
  std::size_t ended = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text(1, random() % 2 == 0 ? '{' : '[');
    for (auto n = random() % 200; n > 0; --n) text += alphabet[random() % alphabet.size()];
    const std::size_t expected = naive_end(text);
    ASSERT_EQ(skipped(text), expected) << text;
    ended += expected != std::string_view::npos ? 1 : 0;
  }
  EXPECT_GT(ended, 5'000U);
}

}  // namespace
}  // namespace tally::event
