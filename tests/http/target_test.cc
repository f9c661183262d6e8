// SPDX-License-Identifier: Apache-2.0
#include "http/target.h"

#include "base/limits.h"

#include <gtest/gtest.h>

namespace tally::http {
namespace {

TEST(Target, SplitsAtTheFirstQuestionMark) {
  const TargetParts plain = split_target("/a/b");
  EXPECT_EQ(plain.path, "/a/b");
  EXPECT_FALSE(plain.has_query);
  const TargetParts empty = split_target("/a?");
  EXPECT_EQ(empty.path, "/a");
  EXPECT_TRUE(empty.has_query);
  EXPECT_EQ(empty.query, "");
  EXPECT_EQ(split_target("/a?b?c").query, "b?c");
}

TEST(Target, DecodesEscapes) {
  using namespace std::string_literals;
  EXPECT_EQ(percent_decode("%41%62%2f%2F+"), "Ab//+");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
  EXPECT_EQ(percent_decode("%00"), "\0"s);
  EXPECT_EQ(percent_decode("%"), "%");
  EXPECT_EQ(percent_decode("%4"), "%4");
  EXPECT_EQ(percent_decode("%4g%G4%41"), "%4g%G4A");
  EXPECT_EQ(percent_decode("%2541"), "%41");  // once only
}

TEST(Target, ListsParameters) {
  const QueryParameters got = query_parameters("a=1&&b&c%3D=x%26y+z&a=2=3&=v");
  ASSERT_EQ(got.list.size(), 5U);
  EXPECT_TRUE(got.complete);
  EXPECT_EQ(got.list[0].name, "a");
  EXPECT_EQ(got.list[0].value, "1");
  EXPECT_EQ(got.list[1].name, "b");
  EXPECT_EQ(got.list[1].value, "");
  EXPECT_EQ(got.list[2].name, "c=");
  EXPECT_EQ(got.list[2].value, "x&y z");
  EXPECT_EQ(got.list[2].raw_value, "x%26y+z");
  EXPECT_EQ(got.list[3].value, "2=3");
  EXPECT_EQ(got.list[4].name, "");
  EXPECT_TRUE(query_parameters("").list.empty());
  std::string many;
  for (std::size_t i = 0; i <= kQueryParametersMax; ++i) many += "a=b&";
  EXPECT_EQ(query_parameters(many).list.size(), kQueryParametersMax);
  EXPECT_FALSE(query_parameters(many).complete);
}

TEST(Target, FindsBearerParameters) {
  for (const char* name :
       {"sessionId", "session_id", "mcp-session-id", "access_token", "token", "code", "api_key",
        "apiKey", "X-Api-Key", "KEY", "client_secret", "code_verifier", "id_token",
        "X-Amz-Signature", "sig", "user_password"}) {
    EXPECT_TRUE(is_bearer_parameter(name)) << name;
  }
  for (const char* name : {"id", "page", "cursor", "tokens", "keyword", "codec", "author", "q", "",
                           "signed", "status_code"}) {
    EXPECT_FALSE(is_bearer_parameter(name)) << name;
  }
}

TEST(Target, HidesBearerValuesAndLeavesTheRest) {
  const auto hide = [](std::string_view target) {
    return hide_bearer_values(
        target, [](std::string_view value) { return "<" + std::string(value) + ">"; });
  };
  EXPECT_EQ(hide("/message?sessionId=ab%2Bc&x=%41&&y"), "/message?sessionId=<ab+c>&x=%41&&y");
  EXPECT_EQ(hide("/a?session%49d=s&TOKEN=t#"), "/a?session%49d=<s>&TOKEN=<t#>");
  EXPECT_EQ(hide("/a?token=a&token=b"), "/a?token=<a>&token=<b>");
  EXPECT_EQ(hide("/a?token=&token"), "/a?token=&token");
  EXPECT_EQ(hide("/a?"), "/a?");
  EXPECT_EQ(hide("/token=x"), "/token=x");
  EXPECT_EQ(hide("*"), "*");
}

TEST(Target, FoldsPathsAsTheMostLenientServerWould) {
  for (const char* path :
       {"/mcp", "/MCP", "/mcp/", "//mcp", "/%6dcp", "/./mcp", "/x/../mcp", "/../mcp", "/mcp//",
        "/mcp/.", "\\mcp", "/%2e%2e/mcp", "/x%2f..%2fmcp"}) {
    EXPECT_EQ(folded_path(path), "/mcp") << path;
  }
  EXPECT_EQ(folded_path("/"), "/");
  EXPECT_EQ(folded_path(""), "/");
  EXPECT_EQ(folded_path("/.."), "/");
  EXPECT_EQ(folded_path("*"), "/*");
  EXPECT_EQ(folded_path("/mcp2"), "/mcp2");
  EXPECT_EQ(folded_path("/a/...b/c."), "/a/...b/c.");
}

}  // namespace
}  // namespace tally::http
