// SPDX-License-Identifier: Apache-2.0
#include "mcp/key_check.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace tally::mcp {
namespace {

constexpr std::array<std::string_view, 3> kKnown{"method", "params", "id"};

std::vector<std::string> found(const std::string& json, KeyRule rule = KeyRule::protocol) {
  json::Document document;
  const auto root = document.parse(json);
  EXPECT_TRUE(root.has_value()) << json;
  std::vector<Violation> violations;
  check_keys(*root, kKnown, rule, "p", violations);
  std::vector<std::string> out;
  for (const Violation& v : violations) {
    out.push_back(std::string(violation_name(v.kind)) + ' ' + v.where);
  }
  return out;
}

using Lines = std::vector<std::string>;

TEST(KeyCheck, CleanObjectsHaveNothing) {
  EXPECT_EQ(found(R"({})"), Lines{});
  EXPECT_EQ(found(R"({"method":1,"id":2,"x":3})"), Lines{});
  EXPECT_EQ(found(R"([1,1])"), Lines{});
}

TEST(KeyCheck, RepeatedKeys) {
  EXPECT_EQ(found(R"({"a":1,"b":2,"a":3})"), Lines{"duplicate_key p.a"});
  EXPECT_EQ(found(R"({"a":1,"\u0061":3})"), Lines{"duplicate_key p.a"});
  EXPECT_EQ(found(R"({"a":1,"a":2,"a":3})").size(), 2U);
}

TEST(KeyCheck, KeysThatDifferByCase) {
  EXPECT_EQ(found(R"({"name":1,"Name":2})"), Lines{"case_variant_key p.Name"});
  EXPECT_EQ(found(R"({"n\u0061me":1,"NAME":2})"), Lines{"case_variant_key p.NAME"});
}

TEST(KeyCheck, ALoneVariantOfAKnownKey) {
  EXPECT_EQ(found(R"({"Method":"tools/call"})"), Lines{"case_variant_key p.Method"});
  EXPECT_EQ(found(R"({"m\u0045thod":"tools/call"})"), Lines{"case_variant_key p.mEthod"});
}

TEST(KeyCheck, WhatGoFoldsToAscii) {
  EXPECT_EQ(found("{\"param\xC5\xBF\":1}"), Lines{"case_variant_key p.param\xC5\xBF"});
  EXPECT_EQ(folded_key("\xE2\x84\xAA\xC5\xBFX\xC3\xA9"), "ksx\xC3\xA9");
}

TEST(KeyCheck, TheUsersOwnKeysMayDifferByCase) {
  EXPECT_EQ(found(R"({"a":1,"A":2,"Method":3})", KeyRule::exact), Lines{});
  EXPECT_EQ(found(R"({"a":1,"A":2,"a":3})", KeyRule::exact), Lines{"duplicate_key p.a"});
  EXPECT_EQ(found(R"({"\u00e9":1,"a":2,"a":3})", KeyRule::exact), Lines{"duplicate_key p.a"});
}

TEST(KeyCheck, ManyMembersAreCheckedTheSameWay) {
  std::string json = "{";
  for (int i = 0; i < 500; ++i) json += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_EQ(found(json + "\"z\":0}"), Lines{});
  EXPECT_EQ(found(json + "\"k77\":0}"), Lines{"duplicate_key p.k77"});
  EXPECT_EQ(found(json + "\"K77\":0}"), Lines{"case_variant_key p.K77"});
}

TEST(KnownKeys, NeverMissesAVariant) {
  const KnownKeys known(kKnown);
  for (const std::string_view key : {"method", "METHOD", "Params", "iD"}) {
    EXPECT_TRUE(known.may_hold(key)) << key;
  }
  EXPECT_FALSE(known.may_hold("arguments"));
  EXPECT_FALSE(KnownKeys().may_hold("id"));
}

/// The object with every key spelled with an escape, which takes the slow way.
std::string with_escaped_keys(const std::vector<std::string>& keys, bool escaped) {
  std::string out = "{";
  for (const std::string& key : keys) {
    out += out.size() > 1 ? ",\"" : "\"";
    if (escaped && !key.empty()) {
      constexpr std::string_view kHex = "0123456789abcdef";
      const auto first = static_cast<unsigned char>(key.front());
      out += std::string("\\u00") + kHex[first >> 4] + kHex[first & 15] + key.substr(1);
    } else {
      out += key;
    }
    out += "\":0";
  }
  return out + "}";
}

TEST(KeyCheck, TheShortWayFindsWhatTheLongWayFinds) {
  const std::vector<std::string> words{"method", "params", "id", "Method", "ID",
                                       "iD",     "x",      "X",  "",       "methods",
                                       "Params", "paramS", "m",  "idx"};
  std::mt19937 random(11);
  std::size_t odd = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::string> keys(random() % 5);
    for (std::string& key : keys) key = words[random() % words.size()];
    for (const KeyRule rule : {KeyRule::exact, KeyRule::protocol}) {
      const Lines fast = found(with_escaped_keys(keys, false), rule);
      ASSERT_EQ(fast, found(with_escaped_keys(keys, true), rule)) << with_escaped_keys(keys, false);
      odd += fast.size();
    }
  }
  EXPECT_GT(odd, 5'000U);
}

TEST(KeyForms, NoMemberIsMissed) {
  json::Document document;
  const std::uint64_t forms = key_forms(*document.parse(R"({"taskId":1,"":2,"name":3})"));
  for (const std::string_view key : {"taskId", "", "name"}) {
    EXPECT_NE(forms & key_form(key), 0U) << key;
  }
  EXPECT_EQ(forms & key_form("level"), 0U);
  EXPECT_EQ(key_forms(*document.parse(R"({"\u0061":1})")), ~std::uint64_t{0});
  EXPECT_EQ(key_forms(*document.parse("[1]")), 0U);
}

TEST(LookAtKeys, SaysWhatTheTwoLooksSay) {
  const std::vector<std::string> objects{"{}",
                                         "[1]",
                                         "7",
                                         R"({"method":1})",
                                         R"({"method":1,"id":2})",
                                         R"({"id":1,"id":2})",
                                         R"({"Id":1})",
                                         R"({"other":1,"id":2})",
                                         R"({"\u0069d":1})"};
  const KnownKeys known(kKnown);
  json::Document document;
  for (const std::string& text : objects) {
    const json::Value object = *document.parse(text);
    const KeyLook look = look_at_keys(object, known);
    EXPECT_EQ(look.clean,
              !object.is(json::Kind::object) || has_clean_keys(object, known, KeyRule::protocol))
        << text;
    EXPECT_EQ(look.forms, key_forms(object)) << text;
  }
}

TEST(KnownKeys, NamesOfOneFormAreToldApart) {
  // Same length and first letter.
  constexpr std::array<std::string_view, 3> kAlike{"method", "member", "id"};
  const KnownKeys known(kAlike);
  for (std::size_t i = 0; i < kAlike.size(); ++i) EXPECT_EQ(known.index_of(kAlike[i]), i);
  EXPECT_EQ(known.index_of("middle"), kAlike.size());
}

TEST(KnownKeys, PlaceOfAName) {
  const KnownKeys known(kKnown);
  EXPECT_EQ(known.index_of("method"), 0U);
  EXPECT_EQ(known.index_of("id"), 2U);
  for (const std::string_view other : {"", "Id", "i", "ids", "mEthod"}) {
    EXPECT_EQ(known.index_of(other), kKnown.size()) << other;
  }
}

}  // namespace
}  // namespace tally::mcp
