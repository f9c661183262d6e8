// SPDX-License-Identifier: Apache-2.0
#include "record/http_harness.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

constexpr std::string_view kDocument = "/.well-known/oauth-protected-resource/mcp";

void fetch(HttpHarness& h, std::string_view text, int status = 200,
           std::string_view target = kDocument) {
  const auto exchange = h.get(target);
  h.head(*exchange, status, kJsonType);
  if (exchange->tee_plan() == TeePlan::metadata) h.add(exchange->on_response_body(text, h.now()));
  h.end(*exchange);
}

TEST(HttpMetadata, AChangedDocumentIsAnEventBesideTheExchange) {
  HttpHarness h;
  fetch(h,
        R"({"resource":"https://mcp.example/mcp","authorization_servers":["https://a.example"]})");
  EXPECT_EQ(h.all.size(), 1U) << "seen for the first time";
  h.all.clear();
  fetch(h,
        R"({"resource":"https://mcp.example/mcp","authorization_servers":["https://b.example"]})");
  const Seen& changed = h.only("auth-metadata-changed");
  EXPECT_EQ(changed.at("details.changed_members"), R"(["authorization_servers"])");
  EXPECT_EQ(changed.at("details.path"), kDocument);
  EXPECT_EQ(changed.at("severity"), "warning");
  EXPECT_EQ(changed.at("severity_level"), "high");
  EXPECT_EQ(changed.at("event_type"), "security");
  EXPECT_EQ(changed.at("target_id"), "files" + std::string(kDocument));
  EXPECT_EQ(h.count("http-request"), 1U);
  EXPECT_EQ(h.count("auth-metadata-unsafe"), 0U);
}

TEST(HttpMetadata, ErrorsAndOtherContentAreNoDocument) {
  HttpHarness h;
  fetch(h, R"({"issuer":"https://a.example"})");
  fetch(h, R"({"error":"not found"})", 404);
  fetch(h, "<html>");
  fetch(h, R"({"issuer":"https://b.example"})", 200, "/.well-known/security.txt");
  EXPECT_EQ(h.count("auth-metadata-changed"), 0U);
  fetch(h, R"({"issuer":"https://b.example"})");
  EXPECT_EQ(h.count("auth-metadata-changed"), 1U);
}

TEST(HttpMetadata, AFillerHidesNothing) {
  HttpHarness h;
  fetch(h, R"({"issuer":"https://a.example"})");
  std::string zeros = "[0";
  for (int i = 0; i < 70'000; ++i) zeros += ",0";
  fetch(h, R"({"x":)" + zeros + R"(],"issuer":"https://b.example","jwks_uri":"http://10.0.0.7/"})");
  EXPECT_EQ(h.only("auth-metadata-changed").at("details.changed_members"),
            R"(["issuer","jwks_uri"])");
  EXPECT_EQ(h.count("auth-metadata-unsafe"), 1U);
}

TEST(HttpMetadata, WhatCannotBeReadIsAChange) {
  HttpHarness h;
  fetch(h, R"({"issuer":"https://a.example"})");
  fetch(h, R"({"issuer":"https://b.example",})");
  EXPECT_EQ(h.only("auth-metadata-changed").at("details.changed_members"), R"(["issuer"])");
  fetch(h, R"({"issuer":"https://a.example"})");
  EXPECT_EQ(h.count("auth-metadata-changed"), 2U);
  const auto too_long = h.get(kDocument);  // nobody shows it to us
  h.head(*too_long, 200, kJsonType);
  h.end(*too_long);
  EXPECT_EQ(h.count("auth-metadata-changed"), 3U);
  const auto cut_off = h.get(kDocument);
  h.head(*cut_off, 200, kJsonType);
  h.end(*cut_off, HttpEnd::upstream_broke);
  EXPECT_EQ(h.count("auth-metadata-changed"), 3U);
}

TEST(HttpMetadata, DocumentsBelowAnMcpPathCountToo) {
  HttpHarness h;
  const std::string_view path = "/mcp/.well-known/openid-configuration";
  fetch(h, R"({"issuer":"https://a.example"})", 200, path);
  fetch(h, R"({"issuer":"https://b.example"})", 200, path);
  EXPECT_EQ(h.count("auth-metadata-changed"), 1U);
}

TEST(HttpMetadata, AddressesThatLeadInside) {
  HttpHarness h;
  const std::string_view text =
      R"({"resource":"https://mcp.example/mcp","authorization_servers":["https://10.0.0.7/"]})";
  fetch(h, text);
  const Seen& unsafe = h.only("auth-metadata-unsafe");
  EXPECT_EQ(unsafe.at("details.addresses"),
            R"([{"member":"authorization_servers","reason":"private_range",)"
            R"("address":"https://10.0.0.7/"}])");
  EXPECT_EQ(unsafe.at("details.host"), "mcp.example");
  fetch(h, text);
  EXPECT_EQ(h.count("auth-metadata-unsafe"), 1U) << "told once";
}

TEST(HttpMetadata, WhatTheClientWritesMakesNoNewDocument) {
  HttpHarness h;
  const auto ask = [&](const std::string& host, const std::string& path, std::string_view text) {
    http::RequestHead head;
    head.method = "GET";
    head.target = path;
    head.fields = field_list({{"Host", host}});
    const auto exchange = h.recorder.begin(head, false, "198.51.100.7", h.now());
    h.take(exchange->on_request(h.now()));
    h.head(*exchange, 200, kJsonType);
    h.add(exchange->on_response_body(text, h.now()));
    h.end(*exchange);
  };
  const std::string path(kDocument);
  const std::string_view before =
      R"({"issuer":"https://a.example","jwks_uri":"http://10.0.0.7/k"})";
  ask("mcp.example", path, before);
  ask("mcp.example", path, before);
  for (int i = 0; i < 200; ++i) {
    ask("h" + std::to_string(i) + ".example", path, before);
    ask("mcp.example", path + '/' + std::to_string(i), before);
  }
  EXPECT_EQ(h.count("auth-metadata-unsafe"), 1U);
  EXPECT_EQ(h.count("auth-metadata-changed"), 0U);
  ask("other.example", path, R"({"issuer":"https://b.example","jwks_uri":"http://10.0.0.7/k"})");
  EXPECT_EQ(h.count("auth-metadata-changed"), 1U) << "the first one was not pushed out";
  EXPECT_EQ(h.count("auth-metadata-unsafe"), 2U) << "another version of it";
}

TEST(HttpMetadata, APrivateServerMayNamePrivateAddresses) {
  HttpRecorderOptions options = HttpHarness::default_options();
  options.public_host = "localhost:8080";
  HttpHarness h(std::move(options));
  fetch(h, R"({"authorization_servers":["http://127.0.0.1:9000"]})");
  EXPECT_EQ(h.count("auth-metadata-unsafe"), 0U);
  fetch(h, R"({"authorization_servers":["http://169.254.169.254/"]})");
  EXPECT_EQ(h.count("auth-metadata-unsafe"), 1U);
}

TEST(HttpMetadata, AChallengeThatLeadsInside) {
  HttpHarness h;
  const auto refused = [&](const std::string& address) {
    const auto exchange = h.post(rpc("1", "tools/call", R"({"name":"x"})"));
    h.head(*exchange, 401, {{"WWW-Authenticate", "Bearer resource_metadata=\"" + address + "\""}});
    h.end(*exchange);
  };
  refused("https://mcp.example/.well-known/oauth-protected-resource");
  EXPECT_EQ(h.count("auth-metadata-unsafe"), 0U);
  refused("http://169.254.169.254/latest/meta-data");
  refused("http://169.254.169.254/latest/meta-data");
  EXPECT_EQ(h.only("auth-metadata-unsafe").at("details.addresses"),
            R"([{"member":"resource_metadata","reason":"metadata_service",)"
            R"("address":"http://169.254.169.254/latest/meta-data"}])");
  EXPECT_EQ(h.count("auth-failure"), 3U);
  for (int i = 0; i < 10; ++i) {
    refused("http://169.254.169.254/latest/" + std::to_string(i) + "?nonce=" + std::to_string(i));
  }
  EXPECT_EQ(h.count("auth-metadata-unsafe"), 1U) << "the same place";
  refused("http://169.254.169.253/latest/meta-data");
  EXPECT_EQ(h.count("auth-metadata-unsafe"), 2U);
}

TEST(HttpMetadata, ATokenInTheQueryIsMisuse) {
  CredentialTable table;
  HttpRecorderOptions options = HttpHarness::default_options();
  options.credentials = &table;
  HttpHarness h(std::move(options));
  const auto call = [&](std::string_view target) {
    const auto exchange = h.post(rpc("1", "ping"), {}, target);
    h.head(*exchange, 200, kJsonType);
    h.body(*exchange, answer("1"));
    h.end(*exchange);
  };
  call("/mcp?access_token=tok-1");
  call("/mcp?access_token=tok-1");
  call("/mcp?page=1");
  const Seen& misuse = h.only("auth-token-misuse");
  EXPECT_EQ(misuse.at("details.reason"), "in_query");
  EXPECT_TRUE(misuse.at("details.credential_digest").starts_with("hmac:"));
  EXPECT_FALSE(h.anything_says("tok-1"));
  call("/mcp?access_token=tok-2");
  EXPECT_EQ(h.count("auth-token-misuse"), 2U);
}

}  // namespace
}  // namespace tally::record
