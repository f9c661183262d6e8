// SPDX-License-Identifier: Apache-2.0
// Contract 1: sensitive names in all spellings, and the names that must survive.
#include "redact/keys.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace tally::redact {
namespace {

TEST(Keys, EveryNameOfTheContractInItsSpellings) {
  const std::pair<const char*, const char*> rows[] = {
      {"password", "password"},
      {"PASSWORD", "password"},
      {"userPassword", "password"},
      {"user_password", "password"},
      {"password2", "password"},
      {"db.password", "password"},
      {"passwd", "passwd"},
      {"passphrase", "passphrase"},
      {"secret", "secret"},
      {"AWS_SECRET_ACCESS_KEY", "secret"},
      {"secretKey", "secret"},
      {"token", "token"},
      {"Token", "token"},
      {"GITHUB_PERSONAL_ACCESS_TOKEN", "token"},
      {"x-auth-token", "token"},
      {"accessToken", "token"},
      {"accesstoken", "access_token"},
      {"access_token", "token"},
      {"refresh-token", "token"},
      {"idToken", "token"},
      {"api_key", "api_key"},
      {"apiKey", "api_key"},
      {"APIKey", "api_key"},
      {"API_KEY", "api_key"},
      {"apikey", "api_key"},
      {"X-Api-Key", "api_key"},
      {"openaiApiKey", "api_key"},
      {"private_key", "private_key"},
      {"privateKeyPem", "private_key"},
      {"auth", "auth"},
      {"Auth", "auth"},
      {"basic_auth", "auth"},
      {"_auth", "auth"},
      {"authorization", "authorization"},
      {"Proxy-Authorization", "authorization"},
      {"cookie", "cookie"},
      {"Set-Cookie", "cookie"},
      {"setcookie", "set_cookie"},
      {"credential", "credential"},
      {"credentials", "credentials"},
      {"client_secret", "secret"},
      {"clientsecret", "client_secret"},
      {"code", "code"},
      {"authCode", "code"},
      {"code_verifier", "code_verifier"},
      {"assertion", "assertion"},
      {"client_assertion", "assertion"},
      {"otp_code", "otp"},
      {"otp code", "otp"},
      {"otpCode", "otp"},
      {"pin_code", "pin"},
      {"pin code", "pin"},
      {"pincode", "pin"},
      {"auth_key", "auth"},
      {"authData", "auth"},
      {"auth-header", "auth"},
      {"auth_tokens", "token"},
      {"authTokens", "token"},
      {"api_tokens", "token"},
      {"apitokens", "token"},
      {"tokens", "token"},
      {"token_name", "token"},
      {"secret_name", "secret"},
      {"api_key_name", "api_key"},
      {"passwordStatus", "password"},
      {"passwordMethod", "password"},
      {"passWord", "password"},
      {"PASS_WORD", "password"},
      {"pass word", "password"},
      {"Pass-Phrase", "passphrase"},
      {"pwd", "password"},
      {"userPwd", "password"},
      {"pass", "password"},
      {"SMTP_PASS", "password"},
      {"bearer", "bearer"},
      {"bearerAuth", "bearer"},
      {"SSH_AUTH_SOCK", "auth"},
      {"auth_token_type", "token"},
      {"creds", "credentials"},
      {"recoveryCode", "code"},
      {"pin", "pin"},
      {"userPin", "pin"},
      {"otp", "otp"},
      {"sms-otp", "otp"},
      {"requestState", "request_state"},
      {"request_state", "request_state"},
      {"session id", "session_id"},
      {"sessionId", "session_id"},
      {"session_id", "session_id"},
      {"Mcp-Session-Id", "session_id"},
      {"sessionid", "session_id"},
      {"JSESSIONID", "session_id"},
  };
  for (const auto& [name, rule] : rows) EXPECT_EQ(sensitive_rule(name), rule) << name;
}

TEST(Keys, OrdinaryNamesSurvive) {
  for (const char* name : {"",
                           "max_tokens",
                           "maxTokens",
                           "progressToken",
                           "progress_token",
                           "_meta.progressToken",
                           "author",
                           "authority",
                           "authors",
                           "status_code",
                           "statusCode",
                           "error_code",
                           "exitCode",
                           "country_code",
                           "codec",
                           "encode",
                           "code_block",
                           "tokenizer",
                           "secretary",
                           "compass",
                           "opinion",
                           "pinned",
                           "spin",
                           "adopt",
                           "stopped",
                           "session",
                           "session_count",
                           "sessions",
                           "keyboard",
                           "key",
                           "public_key",
                           "monkey",
                           "authenticated",
                           "assertions",
                           "request",
                           "state",
                           "requests_state",
                           "path",
                           "name",
                           "uri",
                           "api_keyboard",
                           "tok-en",
                           "maxOutputTokens",
                           "total_tokens",
                           "cached_input_tokens",
                           "oauth",
                           "OAuth",
                           "OAuthProvider",
                           "OLDPWD",
                           "passed",
                           "bypass",
                           "pass_rate",
                           "passes",
                           "compassHeading",
                           "prompt_tokens",
                           "\xC3\xA9t\xC3\xA9",
                           "\xFF\xFE",
                           "---"}) {
    EXPECT_EQ(sensitive_rule(name), "") << name;
  }
}

TEST(Keys, WeakNamesAreMarked) {
  for (const char* name : {"auth", "pin", "otp", "code", "assertion", "pass", "bearer", "Auth0"})
    EXPECT_TRUE(match_key(name).weak) << name;
  for (const char* name : {"token", "auth_code", "cookie", "auth-header", "user_pin", "pwd"})
    EXPECT_FALSE(match_key(name).weak) << name;
}

TEST(Keys, DescriptorsAndCountsExcuseHarmlessValues) {
  for (const char* name :
       {"token_type", "tokenCount", "token_endpoint", "authorization_servers",
        "token_endpoint_auth_methods_supported", "password_policy", "passwordLength", "cookie_name",
        "pin_count", "auth_method", "token_expires_in", "auth_token_type", "bearerFormat"}) {
    EXPECT_EQ(match_key(name).excuse, Excuse::harmless) << name;
  }
  for (const char* name : {"tokens", "api_tokens", "tokensUsed"})
    EXPECT_EQ(match_key(name).excuse, Excuse::count) << name;
  EXPECT_EQ(match_key("pass").excuse, Excuse::number);
  for (const char* name : {"PWD", "SSH_AUTH_SOCK"})
    EXPECT_EQ(match_key(name).excuse, Excuse::path) << name;
  for (const char* name : {"token", "access_tokens", "type_token", "token_type_x", "name_of_secret",
                           "db_pass", "user_pwd", "auth_key", "secret_tokens", "token_value"}) {
    EXPECT_FALSE(sensitive_rule(name).empty()) << name;
    EXPECT_EQ(match_key(name).excuse, Excuse::nothing) << name;
  }
}

TEST(Keys, ParametersOfUrlsHaveMoreNames) {
  EXPECT_EQ(match_parameter("sig").rule, "signature");
  EXPECT_EQ(match_parameter("X-Amz-Signature").rule, "signature");
  EXPECT_EQ(match_parameter("key").rule, "key");
  EXPECT_EQ(match_parameter("access_token").rule, "token");
  for (const char* name : {"sort_key", "sigma", "design", "", "=", "signatures"})
    EXPECT_EQ(match_parameter(name).rule, "") << name;
}

TEST(Keys, LongNamesAreReadToTheirEnd) {
  EXPECT_EQ(sensitive_rule(std::string(5000, 'x') + "_password"), "password");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "a_";
  EXPECT_EQ(sensitive_rule(many + "token"), "token");
}

}  // namespace
}  // namespace tally::redact
