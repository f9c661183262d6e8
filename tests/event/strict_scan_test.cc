// SPDX-License-Identifier: Apache-2.0
// The strict scanner agrees with the general reader on grammar and refuses what only it refuses.
#include "event/strict_scan.h"

#include "base/json.h"
#include "base/limits.h"

#include <gtest/gtest.h>

#include <random>

namespace tally::event {
namespace {

std::string refusal(std::string_view text) {
  StrictScan scan(nullptr);
  const auto members = scan.run(text);
  return members ? "" : members.error().detail;
}

TEST(StrictScan, ListsMembersWithTheirProperties) {
  StrictScan scan(nullptr);
  const std::string_view text =
      R"({"event_name":"n\u0031","x y":{ "a":[1] },"details":{"b":true},"k\"":-0.5e+3})";
  const auto run = scan.run(text);
  ASSERT_TRUE(run) << run.error().detail;
  const auto& members = **run;
  ASSERT_EQ(members.size(), 4U);
  EXPECT_EQ(members[0].field, Field::event_name);
  EXPECT_TRUE(members[0].escaped);
  EXPECT_EQ(members[1].key, "x y");
  EXPECT_FALSE(members[1].field);
  EXPECT_TRUE(members[1].spaced);
  EXPECT_EQ(members[1].raw, R"({ "a":[1] })");
  EXPECT_FALSE(members[2].spaced);
  EXPECT_EQ(members[2].kind(), '{');
  EXPECT_EQ(members[3].key, "k\"");
  EXPECT_EQ(members[3].raw, "-0.5e+3");
}

TEST(StrictScan, WhiteSpaceBetweenMembersIsNotInsideThem) {
  StrictScan scan(nullptr);
  const auto run = scan.run(" { \"a\" : {} , \"b\" : [ ] } \n");
  ASSERT_TRUE(run);
  EXPECT_FALSE((**run)[0].spaced);
  EXPECT_TRUE((**run)[1].spaced);
}

TEST(StrictScan, RepeatedKeysAreRefusedAtEveryDepth) {
  EXPECT_EQ(refusal(R"({"a":1,"a":2})"), R"(event: repeated key "a" at byte 11)");
  EXPECT_EQ(refusal(R"({"status":"x","status":"y"})"),
            R"(event: repeated key "status" at byte 23)");
  EXPECT_EQ(refusal(R"({"details":{"a":[{"k":1,"\u006b":2}]}})"),
            R"(details: repeated key "k" at byte 33)");
  EXPECT_EQ(refusal(R"({"details":{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}})"), "");
}

TEST(StrictScan, RepeatedKeysInLargeObjects) {
  for (const int count : {3, 31, 32, 33, 34, 64, 65, 1000}) {
    std::string object = "{\"details\":{";
    for (int i = 0; i < count; ++i) object += "\"key_number_" + std::to_string(i) + "\":1,";
    for (const int twin : {0, count / 2, count - 1}) {
      const std::string name = "\"key_number_" + std::to_string(twin) + '"';
      EXPECT_NE(refusal(object + name + ":2}}").find("details: repeated key " + name),
                std::string::npos)
          << count;
    }
    EXPECT_EQ(refusal(object + "\"last\":2}}"), "");
  }
}

TEST(StrictScan, ManyKeysThatHashAlikeStayCheap) {
  // Same length, same first and last 8 bytes: the hash sees no difference.
  std::string object = "{\"details\":{";
  for (int i = 10'000; i < 11'500; ++i)
    object += "\"aaaaaaaa" + std::to_string(i) + "bbbbbbbb\":1,";
  EXPECT_EQ(refusal(object + "\"x\":1}}"), "");
  EXPECT_NE(refusal(object + "\"aaaaaaaa10007bbbbbbbb\":1}}"), "");
}

TEST(StrictScan, Surrogates) {
  EXPECT_EQ(refusal(R"({"a":"\ud83d\ude00"})"), "");
  const char* const lone = "surrogate escape without its partner";
  for (const char* text :
       {R"({"a":"\ud83d"})", R"({"a":"\ude00"})", R"({"a":"\ud83dx"})", R"({"a":"\ud83d\u0041"})",
        R"({"a":"\ud83d\ud83d"})", R"({"\ud83d":1})", R"({"a":"\ud83d\u"})"}) {
    EXPECT_NE(refusal(text).find(lone), std::string::npos) << text << ": " << refusal(text);
  }
}

TEST(StrictScan, DepthIsLimited) {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_EQ(refusal(nested(kJsonDepthMax - 1)), "");
  EXPECT_NE(refusal(nested(kJsonDepthMax)).find("nested too deeply"), std::string::npos);
  EXPECT_NE(refusal(nested(100'000)).find("nested too deeply"), std::string::npos);
}

TEST(StrictScan, NamesTheMemberThatIsWrong) {
  EXPECT_EQ(refusal(R"({"details":{"a":tru}})"), "details: an unknown word at byte 16");
  EXPECT_EQ(refusal("{\"my\x1b\":1}"), "event: a control character in a string at byte 4");
  EXPECT_EQ(refusal(R"({"my\u001b":01})"),
            R"("my\u001b": a number with a leading zero at byte 14)");
  EXPECT_EQ(refusal("{\"a\":\"\xC0\x80\"}"), "event: not well-formed UTF-8");
  EXPECT_EQ(refusal(R"({"a":1}{)"), "event: more after the object at byte 7");
  EXPECT_EQ(refusal("[1]"), "event: not a JSON object at byte 0");
}

/// Grammar must be the one of base/json.h, which has its own tests.
TEST(StrictScan, AgreesWithTheGeneralReader) {
  const std::string seed =
      R"({"a":[1,-2.5e-3,true,false,null,"x\n\u00e9\ud83d\ude00"],"b":{"c":{},"d":[]},"e":""})";
  const std::string_view alphabet = "{}[]\",:\\u0019.-+eEtrfalsn d8\n\x01\xC3\xA9";
  std::mt19937 random(11);
  json::Document document;
  StrictScan scan(nullptr);
  int accepted = 0;
  for (int i = 0; i < 60'000; ++i) {
    std::string text = seed;
    for (auto n = 1 + random() % 2; n > 0; --n) {
      const std::size_t at = random() % text.size();
      const char c = alphabet[random() % alphabet.size()];
      switch (random() % 3) {
        case 0: text[at] = c; break;
        case 1: text.insert(at, 1, c); break;
        default: text.erase(at, 1);
      }
    }
    const auto general = document.parse(text);
    bool expected = general && general->is(json::Kind::object) && !document.has_lone_surrogate();
    if (expected) {
      for (const json::Value member : general->children()) {
        const auto twin = json::ambiguous_key(member);
        expected = expected && !(twin && !twin->case_only);
      }
      const auto twin = json::ambiguous_key(*general);
      expected = expected && !(twin && !twin->case_only);
    }
    const auto run = scan.run(text);
    ASSERT_EQ(run.has_value(), expected) << text << "\n" << (run ? "accepted" : run.error().detail);
    accepted += run.has_value() ? 1 : 0;
  }
  EXPECT_GT(accepted, 3000);
}

}  // namespace
}  // namespace tally::event
