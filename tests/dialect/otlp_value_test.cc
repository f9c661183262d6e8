// SPDX-License-Identifier: Apache-2.0
#include "dialect/otlp_value.h"

#include <gtest/gtest.h>

namespace tally::dialect {
namespace {

std::string any(std::string_view text) {
  json::Document document;
  std::string out;
  append_any_value(out, *document.parse(text));
  return out;
}

std::string attributes(std::string_view text) {
  json::Document document;
  std::string out;
  append_attributes(out, *document.parse(text));
  json::Document again;
  EXPECT_TRUE(again.parse(std::string_view(out))) << out;
  return out;
}

TEST(OtlpValue, AnyValueIsTheJsonThatItMeans) {
  EXPECT_EQ(any(R"({"stringValue":"a\n"})"), R"("a\n")");
  EXPECT_EQ(any(R"({"boolValue":true})"), "true");
  EXPECT_EQ(any(R"({"intValue":"9223372036854775807"})"), "9223372036854775807");
  EXPECT_EQ(any(R"({"intValue":"-7"})"), "-7");
  EXPECT_EQ(any(R"({"intValue":7})"), "7");
  EXPECT_EQ(any(R"({"intValue":"007"})"), R"("007")");  // no number in JSON
  EXPECT_EQ(any(R"({"doubleValue":1.5})"), "1.5");
  EXPECT_EQ(any(R"({"doubleValue":"NaN"})"), R"("NaN")");
  EXPECT_EQ(any(R"({"bytesValue":"AQI="})"), R"("AQI=")");
  EXPECT_EQ(any(R"({"arrayValue":{"values":[{"intValue":"1"},{"stringValue":"b"}]}})"),
            R"([1,"b"])");
  EXPECT_EQ(any(R"({"arrayValue":{}})"), "[]");
  EXPECT_EQ(any(R"({"kvlistValue":{"values":[{"key":"k","value":{"intValue":"1"}}]}})"),
            R"({"k":1})");
  EXPECT_EQ(any(R"({"kvlistValue":{}})"), "{}");
  EXPECT_EQ(any("{}"), "null");
}

TEST(OtlpValue, WhatIsNoAnyValueStaysAsItIs) {
  for (const std::string_view text :
       {"1", "\"a\"", "[1]", R"({"stringValue":1})", R"({"newValue":{"a":1}})",
        R"({"boolValue":"true"})", R"({"arrayValue":{"values":1}})",
        R"({"arrayValue":{"values":[],"more":1}})", R"({"stringValue":"a","intValue":"1"})"}) {
    EXPECT_EQ(any(text), text);
  }
}

TEST(OtlpValue, AttributesAreAnObject) {
  EXPECT_EQ(
      attributes(
          R"([{"key":"a","value":{"stringValue":"x"}},{"key":"b","value":{"intValue":"2"}}])"),
      R"({"a":"x","b":2})");
  EXPECT_EQ(attributes("[]"), "{}");
  EXPECT_EQ(attributes(R"([{"key":"a"}])"), R"({"a":null})");
}

TEST(OtlpValue, RepeatedKeysKeepAllTheirValues) {
  EXPECT_EQ(
      attributes(
          R"([{"key":"a","value":{"intValue":"1"}},{"key":"b","value":{}},{"key":"a","value":{"intValue":"2"}}])"),
      R"({"a":[1,2],"b":null})");
  EXPECT_EQ(
      attributes(
          R"([{"key":"\u0061","value":{"intValue":"1"}},{"key":"a","value":{"intValue":"2"}}])"),
      R"({"a":[1,2]})");
}

TEST(OtlpValue, WhatIsNoAttributeIsKeptUnderItsKey) {
  // So that a rule for the key still sees it.
  EXPECT_EQ(attributes(R"([{"key":"password","val":{"stringValue":"x"}}])"),
            R"({"password":{"key":"password","val":{"stringValue":"x"}}})");
  EXPECT_EQ(attributes(R"([1,"x",{"value":{"intValue":"1"}}])"),
            R"({"":[1,"x",{"value":{"intValue":"1"}}]})");
  EXPECT_EQ(attributes(R"({"a":1})"), R"({"a":1})");
  EXPECT_EQ(attributes("7"), "7");
}

TEST(OtlpValue, SixtyFourBitNumbers) {
  json::Document document;
  const auto read = [&](std::string_view text) -> std::string {
    std::uint64_t out = 0;
    return read_uint64(*document.parse(text), out) ? std::to_string(out) : "no";
  };
  EXPECT_EQ(read("\"18446744073709551615\""), "18446744073709551615");
  EXPECT_EQ(read("7"), "7");
  for (const std::string_view text :
       {"\"18446744073709551616\"", "-1", "1.0", "\"\"", "\" 1\"", "null", "[]"}) {
    EXPECT_EQ(read(text), "no") << text;
  }
}

}  // namespace
}  // namespace tally::dialect
