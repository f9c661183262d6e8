// SPDX-License-Identifier: Apache-2.0
#include "record/metadata_watch.h"

#include "base/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

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
  std::vector<std::string> out;
  for (const UnsafeAddress& one : unsafe_addresses(text, host)) {
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
  return table.served(key, text, at);
}

TEST(MetadataWatch, AChangeNamesItsMembers) {
  MetadataTable table;
  EXPECT_FALSE(serve(table, "a", R"({"issuer":"x","b_supported":[1,2],"old_uri":1})"));
  EXPECT_FALSE(serve(table, "a", R"({ "old_uri":1.0, "b_supported":[1, 2],"issuer":"\u0078"})",
                     WallTime{} + std::chrono::seconds{5}))
      << "the same value in other words";
  const auto change = serve(table, "a", R"({"issuer":"y","b_supported":[2,1],"new_url":{}})");
  ASSERT_TRUE(change);
  EXPECT_THAT(change->members, ElementsAre("b_supported", "issuer", "new_url", "old_uri"));
  EXPECT_EQ(change->previous_seen, WallTime{} + std::chrono::seconds{5});
  EXPECT_NE(change->digest, change->previous_digest);
  EXPECT_FALSE(serve(table, "a", R"({"issuer":"y","b_supported":[2,1],"new_url":{}})"));
  EXPECT_FALSE(serve(table, "other", R"({"issuer":"z"})"));
}

TEST(MetadataWatch, WhatIsSignedAnewIsNoChange) {
  MetadataTable table;
  EXPECT_FALSE(serve(table, "a", R"({"issuer":"x","signed_metadata":"eyJ1"})"));
  EXPECT_FALSE(serve(table, "a", R"({"issuer":"x","signed_metadata":"eyJ2"})"));
}

TEST(MetadataWatch, WhatNoClientActsOnIsNoChange) {
  MetadataTable table;
  EXPECT_FALSE(serve(table, "a", R"({"issuer":"x","nonce":"1","served_at":1})"));
  EXPECT_FALSE(serve(table, "a", R"({"served_at":2,"issuer":"x","nonce":"2","x":[]})"));
  for (const char* changed :
       {R"({"issuer":"y"})", R"({"issuer":"y","require_pushed_authorization_requests":true})",
        R"({"issuer":"y","mtls_endpoint_aliases":{"token_endpoint":"z"}})",
        R"({"issuer":"y","code_challenge_methods_supported":["plain"]})",
        R"({"issuer":"y","tls_client_certificate_bound_access_tokens":false})"}) {
    EXPECT_TRUE(serve(table, "a", changed)) << changed;
  }
}

TEST(MetadataWatch, TheOrderOfManyMembersDoesNotMatter) {
  const auto many = [](bool backwards) {
    std::vector<std::string> members;
    for (std::size_t i = 0; i < 2 * kMetadataMembersMax; ++i) {
      members.push_back("\"m" + std::to_string(i) + "_uri\":0");
    }
    if (backwards) std::ranges::reverse(members);
    std::string out = "{\"issuer\":0";
    for (const std::string& member : members) out += ',' + member;
    return out + '}';
  };
  MetadataTable table;
  EXPECT_FALSE(serve(table, "a", many(false)));
  EXPECT_FALSE(serve(table, "a", many(true)));
}

TEST(MetadataWatch, MembersBehindTheBoundCountAlthoughTheyAreNotNamed) {
  std::string many = "{\"z_uri\":0";
  for (std::size_t i = 0; i < 2 * kMetadataMembersMax; ++i) {
    many += ",\"m" + std::to_string(i) + "_uri\":0";
  }
  MetadataTable table;
  EXPECT_FALSE(serve(table, "a", many + "}"));
  EXPECT_FALSE(serve(table, "a", many + "}"));
  many.replace(9, 1, "1");
  const auto change = serve(table, "a", many + "}");
  ASSERT_TRUE(change);
  EXPECT_THAT(change->members, IsEmpty());
}

TEST(MetadataWatch, ANameIsReadAsItsCharacters) {
  EXPECT_THAT(unsafe(R"({"jwks\u005furi":"file:///k"})", "mcp.example"),
              ElementsAre("jwks_uri scheme file:///k"));
  MetadataTable table;
  EXPECT_FALSE(serve(table, "a", R"({"issuer":"x"})"));
  EXPECT_FALSE(serve(table, "a", R"({"\u0069ssuer":"x"})"));
}

TEST(MetadataWatch, MoreThanIsComparedOneByOneIsStillCompared) {
  std::string many = R"({"issuer":0)";
  for (int i = 0; i < 70'000; ++i) many += ",\"m" + std::to_string(i) + "_uri\":0";
  MetadataTable table;
  EXPECT_FALSE(serve(table, "a", many + R"(,"z_uri":0})"));
  EXPECT_FALSE(serve(table, "a", many + R"(,"z_uri":0})"));
  EXPECT_TRUE(serve(table, "a", many + R"(,"z_uri":1})"));
  std::string servers = R"({"authorization_servers":[0)";
  for (int i = 0; i < 70'000; ++i) servers += ",0";
  EXPECT_EQ(unsafe(servers + R"(,"http://10.0.0.1"]})", "mcp.example").size(), 1U);
}

TEST(MetadataWatch, WhatCannotBeReadAnyMoreHasChanged) {
  MetadataTable table;
  EXPECT_FALSE(table.unreadable("a", "{", {}));
  EXPECT_FALSE(serve(table, "a", R"({"issuer":"x"})")) << "nothing was known of it";
  const auto change = table.unreadable("a", "{", {});
  ASSERT_TRUE(change);
  EXPECT_THAT(change->members, ElementsAre("issuer"));
  EXPECT_FALSE(table.unreadable("a", "{", {}));
  EXPECT_TRUE(serve(table, "a", R"({"issuer":"x"})"));
}

TEST(MetadataWatch, ListsOfTextsAreSets) {
  MetadataTable table;
  EXPECT_FALSE(serve(table, "a",
                     R"({"scopes_supported":["x","y\n"],"n_supported":[1,2],"e_supported":[]})"));
  EXPECT_FALSE(serve(
      table, "a", R"({"scopes_supported":["y\u000a","x"],"n_supported":[1,2],"e_supported":[]})"));
  const auto change = serve(
      table, "a", R"({"scopes_supported":["y\n","x","x"],"n_supported":[2,1],"e_supported":[[]]})");
  ASSERT_TRUE(change);
  EXPECT_THAT(change->members, ElementsAre("e_supported", "n_supported", "scopes_supported"));
}

TEST(MetadataWatch, DocumentsThatOneClientAskedForPushOutNone) {
  MetadataTable table(4);
  EXPECT_FALSE(serve(table, "real", R"({"n_uri":1})"));
  EXPECT_FALSE(serve(table, "real", R"({"n_uri":1})"));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(serve(table, std::to_string(i), R"({"n_uri":1})"));
  EXPECT_EQ(table.size(), 4U);
  EXPECT_TRUE(serve(table, "real", R"({"n_uri":2})"));
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
  EXPECT_FALSE(serve(table, "a", R"({"n_uri":1})"));
  EXPECT_FALSE(serve(table, "b", R"({"n_uri":1})"));
  EXPECT_FALSE(serve(table, "c", R"({"n_uri":1})"));
  EXPECT_EQ(table.size(), 2U);
  EXPECT_FALSE(serve(table, "a", R"({"n_uri":2})")) << "forgotten";
  EXPECT_FALSE(serve(table, "b", R"({"n_uri":2})")) << "forgotten for a";
  EXPECT_TRUE(serve(table, "a", R"({"n_uri":3})"));
  EXPECT_FALSE(serve(table, "c", R"({"n_uri":2})")) << "b was served once, a twice";
  EXPECT_TRUE(serve(table, "a", R"({"n_uri":4})"));
}

TEST(MetadataWatch, AddressesAreToldOncePerVersionOfADocument) {
  MetadataTable table;
  EXPECT_FALSE(table.first_report_of_addresses("a"));
  EXPECT_FALSE(serve(table, "a", R"({"n_uri":1})"));
  EXPECT_TRUE(table.first_report_of_addresses("a"));
  EXPECT_FALSE(table.first_report_of_addresses("a"));
  EXPECT_TRUE(serve(table, "a", R"({"n_uri":2})"));
  EXPECT_TRUE(table.first_report_of_addresses("a"));
}

}  // namespace
}  // namespace tally::record
