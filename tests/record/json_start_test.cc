// SPDX-License-Identifier: Apache-2.0
#include "record/json_start.h"

#include "base/json.h"
#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <random>

namespace tally::record {
namespace {

class JsonStartTest : public testing::Test {
 protected:
  std::string start(std::string_view json, std::size_t bytes_max = kPayloadStartBytes,
                    std::span<const HideRule> rules = {}) {
    found.clear();
    return json_start(json, rules, "d", digest, found, bytes_max);
  }
  redact::KeyedDigest digest{as_bytes("key")};
  std::vector<event::Redaction> found;
};

std::string random_json(std::mt19937& random, int depth) {
  std::uniform_int_distribution<int> pick(0, depth > 3 ? 4 : 7);
  const int kind = pick(random);
  if (kind == 0) return "null";
  if (kind == 1) return "-12.50e3";
  if (kind < 5) {
    std::uniform_int_distribution<int> count(0, 40);
    std::string text;
    for (int i = count(random); i > 0; --i) {
      text += std::array<const char*, 6>{
          "x", "\\n", "\\ud83d\\ude00", "\xC3\xA9", "\\\"", " "}[static_cast<std::size_t>(i % 6)];
    }
    return '"' + text + '"';
  }
  std::uniform_int_distribution<int> count(0, 6);
  const bool object = kind < 7;
  std::string out(1, object ? '{' : '[');
  for (int i = count(random); i > 0; --i) {
    if (out.size() > 1) out += i % 2 == 0 ? "," : " , ";
    if (object) out += "\"k" + std::to_string(i) + "\" : ";
    out += random_json(random, depth + 1);
  }
  return out + (object ? '}' : ']');
}

/// The same without white space between tokens.
std::string compact(json::Value value) {
  if (value.is(json::Kind::object) || value.is(json::Kind::array)) {
    const bool object = value.is(json::Kind::object);
    std::string out;
    for (const json::Value child : value.children()) {
      if (!out.empty()) out += ',';
      if (object) json::append_string(out, child.key()), out += ':';
      out += compact(child);
    }
    return object ? '{' + out + '}' : '[' + out + ']';
  }
  return std::string(value.raw());
}

TEST_F(JsonStartTest, WhatFitsIsTheSameWithoutWhiteSpace) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    const std::string json = random_json(random, 0);
    json::Document document;
    const auto root = document.parse(std::string_view(json));
    ASSERT_TRUE(root.has_value()) << json;
    EXPECT_EQ(start(json, 1 << 20), compact(*root)) << json;
  }
}

TEST_F(JsonStartTest, WhateverIsCutIsAValueAndAboutAsLongAsAsked) {
  std::mt19937 random(2);
  for (int i = 0; i < 2000; ++i) {
    const std::string json = random_json(random, 0);
    for (const std::size_t bytes_max : {0U, 1U, 7U, 40U}) {
      const std::string out = start(json, bytes_max);
      json::Document document;
      EXPECT_TRUE(document.parse(std::string_view(out)).has_value()) << json << '\n' << out;
      EXPECT_LE(out.size(), bytes_max + 400) << "one string and brackets more";
    }
  }
}

TEST_F(JsonStartTest, LongStringsAreCutAtACharacter) {
  std::string text(kTextStartBytes - 1, 'x');
  text += "\xC3\xA9 and more";
  const std::string cut = std::string(kTextStartBytes - 1, 'x') + "...";
  EXPECT_EQ(start("[\"" + text + "\",1]"), "[\"" + cut + "\",1]");
}

TEST_F(JsonStartTest, LongJsonInAStringIsLeftOutBecauseOnlyItsWholeCanBeRedacted) {
  const std::string filler(2 * kTextStartBytes, 'x');
  const std::string inner = R"( {\"pin\":{\"a\":\"hunter2\"},\"b\":\")" + filler + R"(\"})";
  EXPECT_EQ(start("{\"t\":\"" + inner + "\"}"), R"({"t":"[left out]"})");
}

TEST_F(JsonStartTest, LongNumbersAndKeysAreNotCopied) {
  EXPECT_EQ(start("[" + std::string(1 << 20, '1') + "]"), R"(["[left out]"])");
  const std::string key(1 << 20, 'k');
  EXPECT_EQ(start("{\"" + key + "\":1}"), "{\"" + key.substr(0, 256) + "\":1}");
}

TEST_F(JsonStartTest, HidesLikeHideItself) {
  const std::string json =
      R"({"a":[{"messages":[{"x":1}]}],"url":"http:x?y=z","taskId":"t","data":true})";
  const std::string out = start(json, kPayloadStartBytes, hides_of_tasks());
  const std::vector<event::Redaction> here = found;
  found.clear();
  EXPECT_EQ(out, hide(json, hides_of_tasks(), "d", digest, found));
  EXPECT_EQ(here, found);
  const std::string blob = "\"" + std::string(1 << 20, 'Q') + "\"";
  EXPECT_EQ(start("{\"blob\":" + blob + "}", 100, hides_of_results()),
            "{\"blob\":{\"bytes\":1048578,\"digest\":\"" + digest(blob) + "\"}}");
}

}  // namespace
}  // namespace tally::record
