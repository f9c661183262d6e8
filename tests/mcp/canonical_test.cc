// SPDX-License-Identifier: Apache-2.0
#include "mcp/canonical.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <limits>

namespace tally::mcp {
namespace {

// RFC 8785, appendix B: IEEE 754 bits and their ECMAScript text.
TEST(Canonical, NumbersOfTheRfc) {
  const std::pair<std::uint64_t, const char*> samples[] = {
      {0x0000000000000000, "0"},
      {0x8000000000000000, "0"},
      {0x0000000000000001, "5e-324"},
      {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"},
      {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"},
      {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"},
      {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"},
      {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"},
      {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"},
      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"},
      {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555554, "333333333.33333325"},
      {0x41b3de4355555555, "333333333.3333333"},
      {0x41b3de4355555556, "333333333.3333334"},
      {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"},
      {0x43143ff3c1cb0959, "1424953923781206.2"},
  };
  for (const auto& [bits, text] : samples) {
    EXPECT_EQ(canonical_number(std::bit_cast<double>(bits)), text);
  }
  EXPECT_EQ(canonical_number(std::numeric_limits<double>::infinity()), "");
}

// RFC 8785, section 3.2.4: the whole example.
TEST(Canonical, ExampleOfTheRfc) {
  const char* input = R"({
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  })";
  const char* want =
      "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
      "\"string\":\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
  EXPECT_EQ(*canonical_json(input), want);
}

// RFC 8785, section 3.2.3: keys sorted by UTF-16 code units.
TEST(Canonical, KeyOrderOfTheRfc) {
  const char* input =
      R"({"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",)"
      R"("1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control",)"
      R"("\u00f6":"Latin Small Letter O With Diaeresis"})";
  const std::string out = *canonical_json(input);
  std::size_t last = 0;
  for (const char* value : {"Carriage Return", "One", "Control", "Latin Small Letter O",
                            "Euro Sign", "Emoji", "Hebrew"}) {
    const std::size_t at = out.find(value);
    ASSERT_NE(at, std::string::npos);
    EXPECT_GT(at, last) << value;
    last = at;
  }
}

TEST(Canonical, WhiteSpaceAndOrderDoNotMatter) {
  EXPECT_EQ(*canonical_json(R"({"b":[1,{"y":2,"x":1}],"a":{}})"),
            *canonical_json(" { \"a\" : { } , \"b\":[ 1.0 ,{\"x\":1e0,\"y\":2}]}"));
  EXPECT_EQ(*canonical_json("[]"), "[]");
  EXPECT_EQ(*canonical_json(R"({"a":1,"ab":2})"), R"({"a":1,"ab":2})");
}

TEST(Canonical, CanonicalTextIsAFixedPoint) {
  const std::string once = *canonical_json(R"({"z":[1E2,-0.0,"\u00e9\ud83d\ude00"],"a":1e-400})");
  EXPECT_EQ(*canonical_json(once), once);
}

TEST(Canonical, WhatHasNoForm) {
  EXPECT_EQ(canonical_json(R"({"a":1,"a":2})").error().code, Errc::malformed);
  EXPECT_EQ(canonical_json(R"({"a":1,"\u0061":2})").error().code, Errc::malformed);
  EXPECT_EQ(canonical_json(R"(["\ud800"])").error().code, Errc::malformed);
  EXPECT_EQ(canonical_json("[1e400]").error().code, Errc::malformed);
  EXPECT_EQ(canonical_json("[-1e400]").error().code, Errc::malformed);
  EXPECT_EQ(canonical_json("{").error().code, Errc::malformed);
  EXPECT_FALSE(canonical_json(std::string(200, '[') + std::string(200, ']')));
}

}  // namespace
}  // namespace tally::mcp
