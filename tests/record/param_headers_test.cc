// SPDX-License-Identifier: Apache-2.0
#include "record/param_headers.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "record/http_harness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::record {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Each as "name path.of.keys".
std::vector<std::string> declared_in(std::string_view tool) {
  json::Document document;
  std::vector<std::string> out;
  for (const mcp::ParamHeader& header : declared_headers(*document.parse(tool))) {
    std::string text = header.name;
    for (const std::string& key : header.path) text += (&key == &header.path[0] ? ' ' : '.') + key;
    out.push_back(std::move(text));
  }
  return out;
}

TEST(ParamHeaders, WhatADefinitionDeclares) {
  EXPECT_THAT(
      declared_in(
          R"({"inputSchema":{"properties":{"region":{"type":"string","x-mcp-header":"Region"},)"
          R"("plain":{"type":"string"},"deep":{"type":"object","properties":{"n":{"type":"integer",)"
          R"("x-mcp-header":"N"}}},"list":{"type":"array","items":{"type":"string",)"
          R"("x-mcp-header":"Item"}},"any":{"x-mcp-header":"Any"},"bad":{"type":"string",)"
          R"("x-mcp-header":7},"none":{"type":"string","x-mcp-header":""}}}})"),
      ElementsAre("Region region", "N deep.n"));
  EXPECT_THAT(declared_in(R"({"x-mcp-header":"A"})"), IsEmpty());
  EXPECT_THAT(declared_in(R"({"inputSchema":{"properties":[]}})"), IsEmpty());
}

TEST(ParamHeaders, TheirNumberAndDepthAreBounded) {
  std::string wide = R"({"inputSchema":{"properties":{)";
  for (std::size_t i = 0; i < 2 * kParamHeadersMax; ++i) {
    wide +=
        (i > 0 ? ",\"" : "\"") + std::to_string(i) + R"(":{"type":"string","x-mcp-header":"A"})";
  }
  EXPECT_EQ(declared_in(wide + "}}}").size(), kParamHeadersMax);
  std::string deep = R"({"type":"string","x-mcp-header":"A"})";
  for (int i = 0; i < 20; ++i) deep = R"({"properties":{"a":)" + deep + "}}";
  EXPECT_THAT(declared_in(R"({"inputSchema":)" + deep + "}"), IsEmpty());
}

const std::vector<mcp::ParamHeader> kDeclared{{"Region", {"region"}}, {"N", {"deep", "n"}}};

std::vector<std::string> disagreeing(const std::vector<StatedParam>& stated,
                                     const std::string& arguments) {
  Party party;
  party.stated_params = stated;
  const std::string body = R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":)"
                           R"({"name":"a","arguments":)" +
                           arguments + "}}";
  mcp::MessageReader reader;
  mcp::Message& message = reader.read(body).messages.front();
  compare_param_headers(party, message, kDeclared);
  std::vector<std::string> out;
  for (const mcp::Violation& violation : message.violations) {
    EXPECT_EQ(violation.kind, mcp::ViolationKind::header_mismatch);
    out.push_back(violation.where);
  }
  return out;
}

TEST(ParamHeaders, AValueIsRepeatedOrNot) {
  const std::string both = R"({"region":"eu","deep":{"n":42}})";
  EXPECT_THAT(disagreeing({{"region", "eu"}, {"N", "42"}}, both), IsEmpty());
  EXPECT_THAT(disagreeing({{"region", "eu"}, {"N", "42.0"}}, both), IsEmpty());
  EXPECT_THAT(disagreeing({{"Region", "us"}, {"n", "43"}}, both),
              ElementsAre("Mcp-Param-Region", "Mcp-Param-N"));
  EXPECT_THAT(disagreeing({{"N", "42"}}, both), ElementsAre("Mcp-Param-Region")) << "there is none";
  EXPECT_THAT(disagreeing({{"region", "eu"}, {"REGION", "eu"}, {"N", "42"}}, both),
              ElementsAre("Mcp-Param-Region"))
      << "servers take the first, the last, or both";
}

TEST(ParamHeaders, WordsAndKindsOfAValue) {
  const auto with = [](const std::string& header, const std::string& value) {
    return disagreeing({{"Region", header}}, R"({"region":)" + value + "}").empty();
  };
  EXPECT_TRUE(with("=?base64?" + to_base64(as_bytes("Zürich")) + "?=", R"("Zürich")"));
  EXPECT_TRUE(with("a", R"("\u0061")"));
  EXPECT_TRUE(with("true", "true"));
  EXPECT_FALSE(with("True", "true"));
  EXPECT_FALSE(with("=?base64?Y?=", R"("a")"));
  EXPECT_FALSE(with("", R"("a")"));
  // Nothing to repeat: a header is ignored then.
  for (const char* none : {"null", "[1]", "{}"}) EXPECT_TRUE(with("x", none)) << none;
  EXPECT_THAT(disagreeing({{"Region", "x"}}, "{}"), IsEmpty());
  EXPECT_THAT(disagreeing({}, "[]"), IsEmpty());
}

TEST(ParamHeaders, AFillerHidesNothing) {
  std::string filler = R"({"filler":[0)";
  for (int i = 0; i < 70'000; ++i) filler += ",0";
  filler += R"(],"re\u0067ion":"eu")";
  EXPECT_THAT(disagreeing({{"Region", "us"}}, filler + "}"), ElementsAre("Mcp-Param-Region"));
  EXPECT_THAT(disagreeing({{"Region", "eu"}}, filler + "}"), IsEmpty());
  std::string members = "{";
  for (int i = 0; i < 70'000; ++i) members += '"' + std::to_string(i) + "\":0,";
  EXPECT_THAT(disagreeing({{"Region", "us"}}, members + R"("region":"eu"})"),
              ElementsAre("Mcp-Param-Region"));
}

TEST(ParamHeaders, WhatIsTooLongToBeComparedIsNotBelieved) {
  std::vector<mcp::ParamHeader> declared;
  for (int i = 0; i < 40; ++i) declared.push_back({"N" + std::to_string(i), {"n"}});
  const std::string body = R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a",)"
                           R"("arguments":{"x":")" +
                           std::string(kMessageBytesMax / 4, 'x') + R"("}}})";
  mcp::MessageReader reader;
  mcp::Message& message = reader.read(body).messages.front();
  Party party;
  party.stated_params = {{"N0", "1"}, {"N39", "1"}};
  compare_param_headers(party, message, declared);
  ASSERT_EQ(message.violations.size(), 1U);
  EXPECT_EQ(message.violations.front().where, "Mcp-Param-N39");
}

TEST(ParamHeaders, LinesOfARequest) {
  const auto stated = stated_params(field_list(
      {{"Mcp-Name", "a"}, {"mcp-param-Region", "eu"}, {"Mcp-Param-", "x"}, {"MCP-PARAM-N", ""}}));
  ASSERT_EQ(stated.size(), 2U);
  EXPECT_EQ(stated[0].name + '=' + stated[0].value, "Region=eu");
  EXPECT_EQ(stated[1].name + '=' + stated[1].value, "N=");
}

/// A tool that declares a header was listed, then is called.
std::size_t mismatches_of(const Headers& headers) {
  HttpHarness h;
  h.call(modern("1", "tools/list"),
         answer("1", R"({"tools":[{"name":"act","inputSchema":{"type":"object","properties":)"
                     R"({"region":{"type":"string","x-mcp-header":"Region"}}}}]})"),
         kModern);
  h.call(modern("2", "tools/call", R"("name":"act","arguments":{"region":"eu"})"),
         answer("2", R"({"content":[]})"), kModern + headers);
  return h.count("mcp-protocol-violation");
}

TEST(ParamHeaders, ACallIsComparedWithTheDefinitionLastServed) {
  EXPECT_EQ(mismatches_of({{"Mcp-Param-Region", "eu"}}), 0U);
  EXPECT_EQ(mismatches_of({{"Mcp-Param-Region", "us"}}), 1U);
  EXPECT_EQ(mismatches_of({}), 1U);
}

}  // namespace
}  // namespace tally::record
