// SPDX-License-Identifier: Apache-2.0
#include "record/metadata_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::record {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(MetadataWatch, PathsOfTheDocuments) {
  for (const char* path :
       {"/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-authorization-server/tenant/a",
        "/tenant/.well-known/openid-configuration"}) {
    EXPECT_TRUE(is_metadata_path(path)) << path;
  }
  for (const char* path : {"/mcp", "/.well-known/", "/.well-known/security.txt",
                           "/.well-known/openid-configurations", "/oauth-protected-resource"}) {
    EXPECT_FALSE(is_metadata_path(path)) << path;
  }
}

std::vector<std::string> unsafe(std::string_view text, std::string_view host) {
  json::Document document;
  std::vector<std::string> out;
  for (const UnsafeAddress& one : unsafe_addresses(*document.parse(text), host)) {
    out.push_back(one.member + ' ' + std::string(one.reason) + ' ' + one.address);
  }
  return out;
}

TEST(MetadataWatch, AddressesInADocument) {
  const std::string_view document =
      R"({"resource":"urn:example:api","issuer":"https://id.example","jwks_uri":"file:///keys",)"
      R"("authorization_servers":["https://id.example","https://10.0.0.7/a?token=x"],)"
      R"("token_endpoint":"https://u:secret@id.example/t","scopes_supported":["http://x"],)"
      R"("userinfo_endpoint":7})";
  EXPECT_THAT(unsafe(document, "mcp.example"),
              ElementsAre("jwks_uri scheme file:///keys",
                          "authorization_servers private_range https://10.0.0.7/a",
                          "token_endpoint credentials https://id.example/t"));
  EXPECT_THAT(unsafe(document, "127.0.0.1:3000"),
              ElementsAre("jwks_uri scheme file:///keys",
                          "token_endpoint credentials https://id.example/t"));
}

TEST(MetadataWatch, AListOfThemIsBounded) {
  std::string document = R"({"authorization_servers":["http://10.0.0.1")";
  for (int i = 0; i < 100; ++i) document += R"(,"http://10.0.0.1")";
  EXPECT_EQ(unsafe(document + "]}", "mcp.example").size(), kUnsafeAddressesMax);
}

TEST(MetadataWatch, AChallengeNamesOne) {
  EXPECT_THAT(unsafe_in_challenge("https://mcp.example/.well-known/x", "mcp.example"), IsEmpty());
  const auto found = unsafe_in_challenge("http://169.254.169.254/x", "mcp.example");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].member, "resource_metadata");
  EXPECT_EQ(found[0].reason, "metadata_service");
}

std::optional<MetadataTable::Change> serve(MetadataTable& table, const std::string& key,
                                           std::string_view text, WallTime at = {}) {
  json::Document document;
  return table.served(key, *document.parse(text), at);
}

TEST(MetadataWatch, AChangeNamesItsMembers) {
  MetadataTable table;
  EXPECT_FALSE(serve(table, "a", R"({"issuer":"x","b":[1,2],"old":1})"));
  EXPECT_FALSE(serve(table, "a", R"({ "old":1.0, "b":[1, 2],"issuer":"\u0078"})",
                     WallTime{} + std::chrono::seconds{5}))
      << "the same value in other words";
  const auto change = serve(table, "a", R"({"issuer":"y","b":[2,1],"new":{}})");
  ASSERT_TRUE(change);
  EXPECT_THAT(change->members, ElementsAre("b", "issuer", "new", "old"));
  EXPECT_EQ(change->previous_seen, WallTime{} + std::chrono::seconds{5});
  EXPECT_NE(change->digest, change->previous_digest);
  EXPECT_FALSE(serve(table, "a", R"({"issuer":"y","b":[2,1],"new":{}})"));
  EXPECT_FALSE(serve(table, "other", R"({"issuer":"z"})"));
}

TEST(MetadataWatch, WhatIsSignedAnewIsNoChange) {
  MetadataTable table;
  EXPECT_FALSE(serve(table, "a", R"({"issuer":"x","signed_metadata":"eyJ1"})"));
  EXPECT_FALSE(serve(table, "a", R"({"issuer":"x","signed_metadata":"eyJ2"})"));
}

TEST(MetadataWatch, MembersBehindTheBoundCountAlthoughTheyAreNotNamed) {
  std::string many = "{\"z\":0";
  for (std::size_t i = 0; i < 2 * kMetadataMembersMax; ++i) {
    many += ",\"m" + std::to_string(i) + "\":0";
  }
  MetadataTable table;
  EXPECT_FALSE(serve(table, "a", many + "}"));
  EXPECT_FALSE(serve(table, "a", many + "}"));
  many.replace(5, 1, "1");
  const auto change = serve(table, "a", many + "}");
  ASSERT_TRUE(change);
  EXPECT_THAT(change->members, IsEmpty());
}

TEST(MetadataWatch, ListsOfTextsAreSets) {
  MetadataTable table;
  EXPECT_FALSE(serve(table, "a", R"({"scopes":["x","y\n"],"n":[1,2],"e":[]})"));
  EXPECT_FALSE(serve(table, "a", R"({"scopes":["y\u000a","x"],"n":[1,2],"e":[]})"));
  const auto change = serve(table, "a", R"({"scopes":["y\n","x","x"],"n":[2,1],"e":[[]]})");
  ASSERT_TRUE(change);
  EXPECT_THAT(change->members, ElementsAre("e", "n", "scopes"));
}

TEST(MetadataWatch, DocumentsThatOneClientAskedForPushOutNone) {
  MetadataTable table(4);
  EXPECT_FALSE(serve(table, "real", R"({"n":1})"));
  EXPECT_FALSE(serve(table, "real", R"({"n":1})"));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(serve(table, std::to_string(i), R"({"n":1})"));
  EXPECT_EQ(table.size(), 4U);
  EXPECT_TRUE(serve(table, "real", R"({"n":2})"));
}

TEST(MetadataWatch, PlacesAreHostsAndAreToldOnce) {
  const auto places = [](std::string_view address) {
    return places_of(unsafe_in_challenge(address, "mcp.example"));
  };
  EXPECT_EQ(places("http://10.0.0.1/a?n=1"), places("http://10.0.0.1/b"));
  EXPECT_EQ(places("http://10.0.0.1"), places("http://10.0.0.1/b"));
  EXPECT_NE(places("http://10.0.0.1/"), places("http://10.0.0.2/"));
  ToldOnce told;
  EXPECT_TRUE(told.first("a"));
  EXPECT_FALSE(told.first("a"));
  for (std::size_t i = 0; i < kUnsafePlacesMax; ++i) EXPECT_TRUE(told.first(std::to_string(i)));
  EXPECT_TRUE(told.first("a")) << "forgotten";
}

TEST(MetadataWatch, TheDocumentNotSeenForLongestIsForgotten) {
  MetadataTable table(2);
  EXPECT_FALSE(serve(table, "a", R"({"n":1})"));
  EXPECT_FALSE(serve(table, "b", R"({"n":1})"));
  EXPECT_FALSE(serve(table, "c", R"({"n":1})"));
  EXPECT_EQ(table.size(), 2U);
  EXPECT_FALSE(serve(table, "a", R"({"n":2})")) << "forgotten";
  EXPECT_FALSE(serve(table, "b", R"({"n":2})")) << "forgotten for a";
  EXPECT_TRUE(serve(table, "a", R"({"n":3})"));
  EXPECT_FALSE(serve(table, "c", R"({"n":2})")) << "b was served once, a twice";
  EXPECT_TRUE(serve(table, "a", R"({"n":4})"));
}

TEST(MetadataWatch, AddressesAreToldOncePerVersionOfADocument) {
  MetadataTable table;
  EXPECT_FALSE(table.first_report_of_addresses("a"));
  EXPECT_FALSE(serve(table, "a", R"({"n":1})"));
  EXPECT_TRUE(table.first_report_of_addresses("a"));
  EXPECT_FALSE(table.first_report_of_addresses("a"));
  EXPECT_TRUE(serve(table, "a", R"({"n":2})"));
  EXPECT_TRUE(table.first_report_of_addresses("a"));
}

}  // namespace
}  // namespace tally::record
