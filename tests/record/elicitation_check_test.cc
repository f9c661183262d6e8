// SPDX-License-Identifier: Apache-2.0
#include "record/elicitation_check.h"

#include "record/http_harness.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

/// Violations of an elicitation with these params, as text.
std::string found(std::string_view params) {
  const std::string text = rpc("1", "elicitation/create", params);
  mcp::MessageReader reader;
  mcp::Message& message = reader.read(text).messages.front();
  check_elicitation(message, message.params);
  std::string out;
  for (const mcp::Violation& violation : message.violations) {
    out += std::string(out.empty() ? "" : ", ") + std::string(mcp::violation_name(violation.kind)) +
           ' ' + violation.where;
  }
  return out;
}

std::string form(std::string_view name) {
  return R"({"message":"?","requestedSchema":{"type":"object","properties":{")" +
         std::string(name) + R"(":{"type":"string"}}}})";
}

TEST(ElicitationCheck, FormsThatAskForSecrets) {
  for (const char* name : {"password", "api_key", "dbPassword", "accessToken", "client_secret",
                           "pin", "otp", "passphrase", "pass\\u0077ord"}) {
    EXPECT_TRUE(found(form(name)).starts_with("secret_requested ")) << name;
  }
  for (const char* name : {"name", "author", "max_tokens", "code", "color", "password_length",
                           "token_type", "email", "postal_code"}) {
    EXPECT_EQ(found(form(name)), "") << name;
  }
  EXPECT_EQ(found(R"({"requestedSchema":{"properties":{"a":{},"password":{},"api_key":{}}}})"),
            "secret_requested password, secret_requested api_key");
}

TEST(ElicitationCheck, AddressesThatNoUserShouldBeSentTo) {
  const auto with = [](std::string_view url) {
    return found(R"({"mode":"url","url":")" + std::string(url) + R"("})");
  };
  EXPECT_EQ(with("https://id.example/authorize?x=1"), "");
  EXPECT_EQ(with("http://127.0.0.1:3000/callback"), "");
  EXPECT_EQ(with("http://id.example/"), "unsafe_url url: not_https");
  EXPECT_EQ(with("javascript:alert(1)"), "unsafe_url url: scheme");
  EXPECT_EQ(with("https://bank.example@evil.example/"), "unsafe_url url: credentials");
  EXPECT_EQ(with("http://169.254.169.254/latest/meta-data"), "unsafe_url url: metadata_service");
}

TEST(ElicitationCheck, WhatHasNoFormOrAddressIsFine) {
  for (const char* params : {"{}", R"({"url":7})", R"({"requestedSchema":[]})",
                             R"({"requestedSchema":{"properties":"password"}})"}) {
    EXPECT_EQ(found(params), "") << params;
  }
}

TEST(ElicitationCheck, RequestsAndResultsThatAskBackAreChecked) {
  Harness h;
  h.initialize("2025-11-25");
  h.s2c(rpc("1", "elicitation/create", form("password")));
  EXPECT_EQ(h.all.front().at("details.violations"),
            R"([{"kind":"secret_requested","where":"password"}])");
  h.all.clear();
  h.c2s(modern("2", "tools/call", R"("name":"act")"));
  h.s2c(answer("2", R"({"resultType":"input_required","inputRequests":{"q":{)"
                    R"("method":"elicitation/create","params":)" +
                        form("api_key") + "}}}"));
  ASSERT_EQ(h.all.size(), 3U);
  EXPECT_EQ(h.all[1].event.event_name, "mcp-protocol-violation");
  EXPECT_EQ(h.all[1].at("details.violations"),
            R"([{"kind":"secret_requested","where":"api_key"}])");
  EXPECT_EQ(h.all[1].at("interaction_id"), h.all[0].at("interaction_id"));
}

}  // namespace
}  // namespace tally::record
