// SPDX-License-Identifier: Apache-2.0
#include "index/query_keys.h"

#include <gtest/gtest.h>

#include <vector>

namespace tally::index {
namespace {

TEST(QueryKeys, TheKeysOfTheContract) {
  for (const char* name :
       {"event",       "type",        "action", "result", "outcome",  "status",  "severity",
        "level",       "actor",       "ip",     "tool",   "resource", "prompt",  "actor_type",
        "target_type", "target_name", "target", "server", "client",   "session", "request",
        "trace",       "interaction", "flow",   "seq",    "time",     "recorded"}) {
    ASSERT_NE(find_query_key(name), nullptr) << name;
    EXPECT_EQ(find_query_key(name)->name, name);
  }
  EXPECT_EQ(find_query_key("outcome")->key, Key::result);
  EXPECT_EQ(find_query_key("Actor_ID")->key, Key::actor);
  EXPECT_EQ(find_query_key("TOOL")->key, Key::tool);
  EXPECT_EQ(find_query_key("text"), nullptr);
  EXPECT_EQ(find_query_key(""), nullptr);
  EXPECT_EQ(key_names().size(), query_keys().size());
}

TEST(QueryKeys, NearestIsASlipNotAnotherWord) {
  std::vector<std::string> names;
  for (const auto name : key_names()) names.emplace_back(name);
  EXPECT_EQ(nearest("tol", names), "tool");
  EXPECT_EQ(nearest("Acter", names), "actor");
  EXPECT_EQ(nearest("serverity", names), "severity");
  EXPECT_EQ(nearest("resutl", names), "result");
  EXPECT_EQ(nearest("zzzzzzz", names), std::nullopt);
  EXPECT_EQ(nearest("http", names), std::nullopt);
  EXPECT_EQ(nearest(std::string(10'000, 'a'), names), std::nullopt);
}

TEST(QueryKeys, WordsHaveTheOrderOfTheirEnum) {
  EXPECT_EQ(word_texts(Key::severity)[0], "debug");
  EXPECT_EQ(word_texts(Key::severity)[4], "critical");
  EXPECT_EQ(word_texts(Key::level).size(), 4U);
  EXPECT_EQ(word_texts(Key::type).size(), 9U);
  EXPECT_EQ(word_texts(Key::result).size(), 7U);
}

}  // namespace
}  // namespace tally::index
