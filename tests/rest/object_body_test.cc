// SPDX-License-Identifier: Apache-2.0
#include "rest/object_body.h"

#include "base/encoding.h"
#include "rest/samples.h"

#include <gtest/gtest.h>

namespace tally::rest {
namespace {

using test::at;
using test::digest;

ShownObject shown(std::string_view text, std::string_view id = "7") {
  return read_shown(text, "tool", id, digest(), at(5));
}

TEST(ObjectBody, OneObjectIsFoundWhereGatewaysPutIt) {
  for (const char* text :
       {R"({"id":"7","a":1})", R"({"id":7,"a":1})", R"({"status":"success","tool":{"id":7,"a":1}})",
        R"({"data":{"id":7,"a":1},"meta":{}})", R"({"item":{"id":7,"a":1}})",
        R"({"id":1,"name":"7","a":1})"}) {
    const ShownObject found = shown(text);
    ASSERT_TRUE(found.seen) << text;
    EXPECT_EQ(found.seen->object.find("a")->json, "1") << text;
    EXPECT_EQ(found.seen->at, at(5).wall);
  }
  EXPECT_EQ(shown(R"({"id":12,"name":"new"})", "").id, "12");
}

TEST(ObjectBody, WhatIsNoneTeachesNothing) {
  for (const char* text : {"", "not json", "[]", "7", R"({"status":"success","message":"done"})",
                           "{\"id\":7", R"({"id":7,"id":7})", R"({"id":null})", "<html>"}) {
    EXPECT_FALSE(shown(text).seen) << text;
    EXPECT_EQ(shown(text).claimed_id, "") << text;
  }
  EXPECT_TRUE(shown(R"({"success":false,"id":7})").says_failed);
  EXPECT_FALSE(shown(R"({"success":false,"id":7})").seen);
}

TEST(ObjectBody, AnotherObjectIsNotTheOneAskedFor) {
  const ShownObject other = shown(R"({"id":"8","name":"x"})");
  EXPECT_FALSE(other.seen);
  EXPECT_EQ(other.claimed_id, "8");
  EXPECT_EQ(other.id, "");
}

TEST(ObjectBody, ListsInTheirForms) {
  for (const char* text :
       {R"([{"id":1,"a":1},{"id":"2","a":2}])", R"({"tools":[{"id":1,"a":1},{"id":2,"a":2}]})",
        R"({"data":[{"id":1,"a":1},{"id":2,"a":2}],"pagination":{"page":1}})",
        R"({"items":[{"id":1,"a":1},{"id":2,"a":2}]})"}) {
    ObjectMemory memory;
    EXPECT_EQ(remember_list(text, "tool", digest(), at(1).mono, at(2), memory), 2U) << text;
    ASSERT_NE(memory.find("tool", "2"), nullptr) << text;
    EXPECT_EQ(memory.find("tool", "2")->object.find("a")->json, "2");
    EXPECT_EQ(memory.objects(), 2U);
  }
  ObjectMemory memory;
  for (const char* text : {"{}", "7", "[1,2]", R"([{"x":1}])", "nothing", R"({"tools":{}})"}) {
    remember_list(text, "tool", digest(), at(1).mono, at(2), memory);
  }
  EXPECT_EQ(memory.objects(), 0U);
}

TEST(ObjectBody, TwoOfOneIdAreNone) {
  ObjectMemory memory;
  remember_list(R"([{"id":1,"a":1},{"id":"1","a":2},{"id":3,"name":"x"},{"id":4,"name":"x"}])",
                "tool", digest(), at(1).mono, at(2), memory);
  EXPECT_EQ(memory.find("tool", "1"), nullptr);
  EXPECT_NE(memory.find("tool", "3"), nullptr) << "names may be the same";
  EXPECT_NE(memory.find("tool", "4"), nullptr);
}

TEST(ObjectBody, HugeListsEnd) {
  std::string text = "[";
  for (int i = 0; i < 5'000; ++i) text += "{\"id\":" + std::to_string(i) + "},";
  text.back() = ']';
  ObjectMemory memory;
  EXPECT_GE(remember_list(text, "tool", digest(), at(1).mono, at(2), memory), kObjectsPerListMax);
  EXPECT_EQ(memory.objects(), kObjectsPerListMax);
}

TEST(ObjectBody, AListSeenAgainCostsNoRedaction) {
  ObjectMemory memory;
  const char* text = R"([{"id":1,"token":"abc"}])";
  remember_list(text, "tool", digest(), at(1).mono, at(2), memory);
  remember_list(text, "tool", digest(), at(3).mono, at(4), memory);
  EXPECT_EQ(memory.find("tool", "1")->at, at(4).wall);
  EXPECT_EQ(memory.find("tool", "1")->object.find("token")->json, R"("[redacted]")");
}

}  // namespace
}  // namespace tally::rest
