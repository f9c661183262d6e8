// SPDX-License-Identifier: Apache-2.0
#include "event/ingest_value.h"

#include <gtest/gtest.h>

namespace tally::event {
namespace {

std::string text(Field field, std::string_view raw) {
  std::string storage;
  const auto value = canonical_text(field, raw, raw.find('\\') != std::string_view::npos, storage);
  return value ? std::string(*value) : "error: " + value.error().detail;
}

std::string value(Field field, std::string_view raw) {
  std::string storage;
  const auto result = canonical_value(field, raw, storage);
  return result ? std::string(*result) : "error: " + result.error().detail;
}

TEST(IngestValue, TextsGetTheirCanonicalEscapes) {
  EXPECT_EQ(text(Field::actor_id, R"("jane")"), R"("jane")");
  EXPECT_EQ(text(Field::actor_id, R"("\u006aane\/\u00e9\n")"), "\"jane/é\\n\"");
  EXPECT_EQ(text(Field::error_message, R"("a\u0000b")"), R"("a\u0000b")");
}

TEST(IngestValue, IdentifyingTextsHaveNoNulAndALimit) {
  EXPECT_EQ(text(Field::actor_id, R"("a\u0000b")"), "error: actor_id: must not contain NUL");
  EXPECT_EQ(text(Field::target_id, '"' + std::string(4096, 'x') + '"').size(), 4098U);
  EXPECT_EQ(text(Field::target_id, '"' + std::string(4097, 'x') + '"'),
            "error: target_id: longer than 4096 bytes");
  EXPECT_EQ(text(Field::error_message, '"' + std::string(9000, 'x') + '"').size(), 9002U);
}

TEST(IngestValue, EventIdsAreLowerCaseUuids) {
  const std::string id = "\"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d\"";
  EXPECT_EQ(text(Field::event_id, id), id);
  EXPECT_EQ(text(Field::event_id, "\"019AA7C2-5B1E-7C3A-9F00-3D2F8A6B1C4D\""), id);
  EXPECT_EQ(text(Field::event_id, "\"\\u0030" + id.substr(2)), id);
  for (const char* bad : {"\"\"", "\"17\"", "\"{019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d}\"",
                          "\"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4g\""}) {
    EXPECT_EQ(text(Field::event_id, bad).substr(0, 33), "error: event_id: must be a UUID s");
  }
}

TEST(IngestValue, Verified) {
  EXPECT_EQ(value(Field::actor_verified, "true"), "true");
  EXPECT_EQ(value(Field::actor_verified, "false"), "false");
  EXPECT_EQ(value(Field::actor_verified, "\"claimed\""), "\"claimed\"");
  EXPECT_EQ(value(Field::actor_verified, "1"),
            "error: actor_verified: must be true, false or \"claimed\"");
}

TEST(IngestValue, DurationsAreRoundedToMicroseconds) {
  EXPECT_EQ(value(Field::duration_ms, "3.41249"), "3.412");
  EXPECT_EQ(value(Field::duration_ms, "1E2"), "100");
  for (const char* bad : {"-1", "1e99", "\"5\"", "{}", "true"}) {
    EXPECT_EQ(value(Field::duration_ms, bad),
              "error: duration_ms: must be a number of milliseconds from 0 to 100 years")
        << bad;
  }
}

TEST(IngestValue, Chains) {
  EXPECT_EQ(value(Field::on_behalf_of, R"("jane")"), R"(["jane"])");
  EXPECT_EQ(value(Field::on_behalf_of, R"([ "a\u0062" , "c" ])"), R"(["ab","c"])");
  EXPECT_EQ(value(Field::on_behalf_of, "[]"), "");
  for (const char* bad : {"1", "{}", "[1]", "[[\"a\"]]", "true"}) {
    EXPECT_EQ(value(Field::on_behalf_of, bad),
              "error: on_behalf_of: must be a string or an array of strings")
        << bad;
  }
}

TEST(IngestValue, Redactions) {
  EXPECT_EQ(value(Field::redactions, R"([{"rule":"r","path":"p", "action":"mask"}])"),
            R"([{"path":"p","rule":"r","action":"mask"}])");
  EXPECT_EQ(value(Field::redactions, "[]"), "");
  for (const char* bad : {"{}", "[1]", R"([{"path":1}])", R"([{"value":"x"}])"}) {
    EXPECT_EQ(value(Field::redactions, bad).substr(0, 46),
              "error: redactions: must be an array of objects")
        << bad;
  }
}

TEST(IngestValue, MergingAppends) {
  EXPECT_EQ(merge_redactions("", {{"p", "r", "a"}}), R"([{"path":"p","rule":"r","action":"a"}])");
  EXPECT_EQ(merge_redactions(R"([{"path":"x"}])", {{"p", "r", "a"}}),
            R"([{"path":"x"},{"path":"p","rule":"r","action":"a"}])");
}

TEST(IngestValue, CompactLeavesStringsAlone) {
  EXPECT_EQ(compact("{ \"a b\" : [ 1 ,\n\t\"x \\\" y\" ] }"), R"({"a b":[1,"x \" y"]})");
}

TEST(IngestValue, Names) {
  for (const char* good : {"\"a\"", "\"mcp-tool-execution\"", "\"Tool_Call.v2:x/y\""})
    EXPECT_TRUE(is_name(good, 128)) << good;
  for (const char* bad : {"\"\"", "\"a b\"", "\"a\\n\"", "\"é\"", "\"a\\\"b\""})
    EXPECT_FALSE(is_name(bad, 128)) << bad;
  EXPECT_TRUE(is_name('"' + std::string(128, 'a') + '"', 128));
  EXPECT_FALSE(is_name('"' + std::string(129, 'a') + '"', 128));
}

}  // namespace
}  // namespace tally::event
