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
  const std::string json = definitions_json(page);
  EXPECT_LE(json.size(), kFieldBytesMax);
  json::Document document;
  EXPECT_TRUE(document.parse(std::string_view(json)).has_value());
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
