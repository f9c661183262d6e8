// SPDX-License-Identifier: Apache-2.0
#include "identity/discovery.h"

#include <gtest/gtest.h>

namespace tally::identity {
namespace {

TEST(Discovery, WhereTheDocumentIs) {
  EXPECT_EQ(discovery_url("https://id.example.com"),
            "https://id.example.com/.well-known/openid-configuration");
  EXPECT_EQ(discovery_url("https://id.example.com/"), discovery_url("https://id.example.com"));
  EXPECT_EQ(discovery_url("https://id.example.com/realms/a"),
            "https://id.example.com/realms/a/.well-known/openid-configuration");
}

TEST(Discovery, OfThisIssuerAndNoOther) {
  const auto keys = [](std::string_view text) { return read_discovery(text, "https://id"); };
  EXPECT_EQ(keys(R"({"issuer":"https://id","jwks_uri":"https://id/k","x":[1,{"y":2}]})"),
            "https://id/k");
  EXPECT_EQ(keys(R"({"issuer":"https:\/\/id","jwks_uri":"https:\/\/id\/k"})"), "https://id/k");
  for (const char* other : {R"({"issuer":"https://id/","jwks_uri":"https://id/k"})",
                            R"({"issuer":"https://ID","jwks_uri":"https://id/k"})",
                            R"({"issuer":["https://id"],"jwks_uri":"https://id/k"})",
                            R"({"jwks_uri":"https://id/k"})"}) {
    ASSERT_FALSE(keys(other)) << other;
    EXPECT_EQ(keys(other).error().code, Errc::mismatch) << other;
  }
  for (const char* none :
       {"", "[]", "<html>", R"({"issuer":"https://id"})", R"({"issuer":"https://id","jwks_uri":1})",
        R"({"issuer":"https://id","jwks_uri":""})",
        R"({"issuer":"https://id","jwks_uri":"a","jwks_uri":"b"})",
        R"({"issuer":"https://id","Issuer":"https://other","jwks_uri":"a"})"}) {
    ASSERT_FALSE(keys(none)) << none;
    EXPECT_EQ(keys(none).error().code, Errc::malformed) << none;
  }
}

TEST(Discovery, AnIssuerOverHttpsHasItsKeysThere) {
  const auto said = [](const std::string& issuer, const std::string& keys) {
    return read_discovery(R"({"issuer":")" + issuer + R"(","jwks_uri":")" + keys + "\"}", issuer);
  };
  for (const char* keys : {"http://localhost:8080/k", "http://127.0.0.1/k", "http://id/k", "k",
                           "https:/id/k", "file:///k"}) {
    ASSERT_FALSE(said("https://id", keys)) << keys;
    EXPECT_EQ(said("https://id", keys).error().code, Errc::malformed) << keys;
    EXPECT_FALSE(said("HTTPS://id", keys)) << keys;
  }
  EXPECT_EQ(said("https://id", "HTTPS://other/k"), "HTTPS://other/k");
  EXPECT_EQ(said("http://127.0.0.1:8080", "http://127.0.0.1:8080/k"), "http://127.0.0.1:8080/k");
}

}  // namespace
}  // namespace tally::identity
