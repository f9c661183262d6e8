// SPDX-License-Identifier: Apache-2.0
// The fields that are always there: tests/server/reading_test.cc.
#include "sink/entry_json.h"

#include "base/json.h"

#include <gtest/gtest.h>

namespace tally::sink {
namespace {

std::string shown(std::string_view line) {
  std::string out;
  append_entry(out, line, "aa", "bb");
  return out;
}

TEST(EntryJson, IsOneObjectWhateverStandsAroundIt) {
  for (const char* line : {"{}", " {\"seq\":1} ", "{\"seq\":1 }", "{ }", "{\"a\":\"}\"}",
                           "{\"actor_id\":null,\"actor\\u005fip\":null}"}) {
    const std::string out = shown(line);
    json::Document document;
    const auto object = document.parse(out);
    ASSERT_TRUE(object) << out;
    EXPECT_FALSE(json::ambiguous_key(*object)) << out;
    EXPECT_TRUE(object->find("checksum")->text_is("aa"));
    EXPECT_TRUE(object->find("actor_ip")->is(json::Kind::null)) << out;
  }
}

TEST(EntryJson, AHashThatTheLineClaimsIsNotTakenForOurs) {
  const std::string out = shown(R"({"checksum":"x","previous_\u0063hecksum":1,"seq":1,"a":"b"})");
  json::Document document;
  const auto object = document.parse(out);
  ASSERT_TRUE(object) << out;
  EXPECT_FALSE(json::ambiguous_key(*object)) << out;
  EXPECT_TRUE(object->find("checksum")->text_is("aa"));
  EXPECT_TRUE(object->find("previous_checksum")->text_is("bb"));
  EXPECT_TRUE(object->find("claimed_checksum")->text_is("x"));
  EXPECT_EQ(object->find("claimed_previous_checksum")->raw(), "1");
  EXPECT_TRUE(object->find("a")->text_is("b"));
}

TEST(EntryJson, WhatIsNoEventStaysWhatItIs) {
  EXPECT_EQ(shown("nonsense"), "null");
  event::EventView view;
  std::string out;
  append_entry(out, Entry{7, "say \"hi\"", "aa", ""}, view);
  EXPECT_EQ(out, R"({"seq":7,"unreadable":"say \"hi\"","checksum":"aa","previous_checksum":null})");
}

}  // namespace
}  // namespace tally::sink
