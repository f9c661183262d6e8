// SPDX-License-Identifier: Apache-2.0
#include "record/tool_definitions.h"

#include "base/limits.h"
#include "mcp/canonical.h"
#include "record/harness.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

ToolPage page_of(mcp::MessageReader& reader, const std::string& tools) {
  static std::string text;
  text = R"({"jsonrpc":"2.0","id":1,"result":{"tools":)" + tools + "}}";
  return read_tools(reader.read(text).messages.front());
}

TEST(ToolDefinitions, DigestsAreOfTheCanonicalForm) {
  mcp::MessageReader reader;
  const ToolPage a = page_of(reader, R"([{"name":"x","inputSchema":{"a":1,"b":[1.0]}}])");
  const ToolPage b = page_of(reader, R"([ { "inputSchema" : {"b":[1],"a":1e0} , "name":"x" } ])");
  ASSERT_EQ(a.definitions.size(), 1U);
  EXPECT_EQ(a.definitions[0].digest, b.definitions[0].digest);
  EXPECT_EQ(a.definitions[0].text, R"({"inputSchema":{"a":1,"b":[1]},"name":"x"})");
  EXPECT_EQ(a.definitions[0].digest, redact::plain_digest(a.definitions[0].text));
}

TEST(ToolDefinitions, TheHint) {
  mcp::MessageReader reader;
  const ToolPage page = page_of(
      reader,
      R"([{"name":"a","annotations":{"readOnlyHint":true}},{"name":"b","annotations":{"readOnlyHint":"true"}},)"
      R"({"name":"c","annotations":{}},{"name":"d"}])");
  EXPECT_TRUE(page.definitions[0].read_only);
  for (int i = 1; i < 4; ++i) EXPECT_FALSE(page.definitions[static_cast<std::size_t>(i)].read_only);
}

TEST(ToolDefinitions, WhatIsNoDefinition) {
  mcp::MessageReader reader;
  EXPECT_TRUE(page_of(reader, "{}").definitions.empty());
  const ToolPage page = page_of(reader, R"([{},5,{"name":7},{"name":"a","n":1e999}])");
  EXPECT_EQ(page.definitions.size(), 1U);
  EXPECT_EQ(page.violations.size(), 4U);
  EXPECT_EQ(page.definitions[0].text, R"({"name":"a","n":1e999})");
}

TEST(ToolDefinitions, TheListIsBounded) {
  mcp::MessageReader reader;
  std::string tools = "[";
  for (int i = 0; i < 500; ++i)
    tools += (i > 0 ? "," : "") + std::string(R"({"name":"tool)") + std::to_string(i) + "\"}";
  const ToolPage page = page_of(reader, tools + "]");
  EXPECT_EQ(page.definitions.size(), 500U);
  Members members;
  write_definitions(members, page, true, true);
  const std::string json = members.object();
  EXPECT_LE(json.size(), kDefinitionsBytesMax + 64);
  json::Document document;
  const auto root = document.parse(json);
  ASSERT_TRUE(root);
  std::uint64_t listed = 0;
  for (const json::Value one : root->find("definitions")->children())
    listed += one.is(json::Kind::object);
  EXPECT_GT(listed, 100U);
  EXPECT_EQ(root->find("definitions_omitted")->raw(), std::to_string(500 - listed));
}

TEST(ToolDefinitions, PagesOfAListSayWhichTheyAre) {
  const auto members = [](bool first, bool last) {
    Members out;
    write_definitions(out, {}, first, last);
    return out.object();
  };
  EXPECT_EQ(members(true, true), R"({"definitions":[]})");
  EXPECT_EQ(members(true, false), R"({"definitions":[],"page":{"first":true,"last":false}})");
  EXPECT_EQ(members(false, true), R"({"definitions":[],"page":{"first":false,"last":true}})");
}

TEST(ToolDefinitions, AChangeSinceAnEarlierProcessHasNoOlderText) {
  FixedClock clock;
  CountingRandom random;
  UuidSource uuids(clock, random);
  redact::KeyedDigest digest(as_bytes("key"));
  Context context(Harness::default_options(), uuids, digest);
  const EarlierDefinitions earlier{{}, true, 17, "2026-07-28T10:00:00.000000Z"};
  const auto record = [&](const mcp::ToolChange& change) {
    return Seen(change_record(context, change, mcp::moment_of(clock), &earlier));
  };
  const Seen changed = record({mcp::ToolChange::Kind::changed, "t", "sha256:a", "sha256:b", "",
                               R"({"description":"EVIL","name":"t","x":{"token":"abc8"}})"});
  EXPECT_EQ(changed.at("severity"), "warning");
  EXPECT_EQ(changed.at("details.change"), "changed");
  EXPECT_EQ(changed.at("details.definition"), "sha256:b");
  EXPECT_EQ(changed.at("details.previous_definition"), "sha256:a");
  EXPECT_EQ(changed.at("details.previous_text"), "not_known");
  EXPECT_EQ(changed.at("details.compared_with.seq"), "17");
  EXPECT_EQ(changed.at("details.changed_fields"), "");
  EXPECT_EQ(changed.at("new_values.description"), "EVIL");
  EXPECT_EQ(changed.at("new_values.x.token"), "[redacted]");
  EXPECT_EQ(changed.json.find("old_values"), std::string::npos);
  const Seen removed = record({mcp::ToolChange::Kind::removed, "t", "sha256:a", "", "", ""});
  EXPECT_EQ(removed.at("details.previous_text"), "not_known");
  EXPECT_EQ(removed.json.find("_values"), std::string::npos);
  const Seen added =
      record({mcp::ToolChange::Kind::added, "t", "", "sha256:b", "", R"({"name":"t"})"});
  EXPECT_EQ(added.at("details.previous_text"), "");
  EXPECT_EQ(added.at("new_values.name"), "t");
}

TEST(ToolDefinitions, AChangeOfMuchTextIsDigests) {
  FixedClock clock;
  CountingRandom random;
  UuidSource uuids(clock, random);
  redact::KeyedDigest digest(as_bytes("key"));
  Context context(Harness::default_options(), uuids, digest);
  mcp::ToolChange change{
      mcp::ToolChange::Kind::changed,
      "t",
      "sha256:a",
      "sha256:b",
      R"({"description":")" + std::string(9000, 'a') + R"(","name":"t"})",
      R"({"description":")" + std::string(9000, 'b') + R"(","name":"t","title":"T"})"};
  const Seen s(change_record(context, change, mcp::moment_of(clock)));
  EXPECT_EQ(s.at("details.changed_fields"), R"(["description","title"])");
  EXPECT_EQ(s.at("old_values.description.bytes"), "9002");
  EXPECT_EQ(s.at("old_values.title"), "null");
  EXPECT_EQ(s.at("new_values.title"), "T");
  EXPECT_EQ(s.at("old_values.name"), "");
  EXPECT_LT(s.json.size(), 10'000U);
}

}  // namespace
}  // namespace tally::record
