// SPDX-License-Identifier: Apache-2.0
#include "redact/redact.h"

#include <gtest/gtest.h>

namespace tally::redact {
namespace {

class RedactText : public ::testing::Test {
 protected:
  std::vector<Redaction> found_;
  KeyedDigest digest_{as_bytes("test key")};
};

TEST_F(RedactText, MasksAndNotes) {
  EXPECT_EQ(
      redact_text("failed with Bearer abcdef123 for --api-key=xyz", "error_message", {found_}),
      "failed with Bearer [redacted] for --api-key=[redacted]");
  EXPECT_EQ(found_, (std::vector<Redaction>{{"error_message", "value:bearer", "mask"},
                                            {"error_message", "text:api_key", "mask"}}));
}

TEST_F(RedactText, UrlParametersStayComparableWithAKey) {
  const std::string url =
      redact_url("/messages?sessionId=a%20b&page=2", "api_endpoint", {found_, &digest_});
  EXPECT_EQ(url, "/messages?sessionId=" + digest_("a b") + "&page=2");
  EXPECT_EQ(found_[0], (Redaction{"api_endpoint", "url:session_id", "hash"}));
  found_.clear();
  EXPECT_EQ(redact_url(url, "api_endpoint", {found_, &digest_}), url);
  EXPECT_TRUE(found_.empty());
  EXPECT_EQ(redact_url("https://u:p@h/?token=t", "u", {found_}),
            "https://u:[redacted]@h/?token=[redacted]");
}

TEST_F(RedactText, Forms) {
  EXPECT_EQ(redact_form(
                "grant_type=authorization_code&code=123&client_secret=a%26b&empty=&x&pass%77ord=p",
                "body", {found_}),
            "grant_type=authorization_code&code=[redacted]&client_secret=[redacted]&empty=&x&pass%"
            "77ord=[redacted]");
  ASSERT_EQ(found_.size(), 3U);
  EXPECT_EQ(found_[0], (Redaction{"body.code", "form:code", "mask"}));
  EXPECT_EQ(found_[2].path, "body.password");
  EXPECT_EQ(redact_form("", "body", {found_}), "");
  EXPECT_EQ(redact_form("&&", "body", {found_}), "&&");
}

TEST_F(RedactText, CommandLines) {
  const std::vector<std::string> arguments = {"npx",
                                              "-y",
                                              "server",
                                              "--token",
                                              "abc",
                                              "--api-key=xyz",
                                              "--no-password",
                                              "file.js",
                                              "-H",
                                              "Authorization: Bearer t0ken",
                                              "API_KEY=1",
                                              "--auth",
                                              "path",
                                              "--secret",
                                              "--verbose",
                                              "--pin",
                                              "1234",
                                              "postgres://u:p@h"};
  EXPECT_EQ(
      redact_arguments(arguments, "details.arguments", {found_}),
      (std::vector<std::string>{
          "npx", "-y", "server", "--token", "[redacted]", "--api-key=[redacted]", "--no-password",
          "file.js", "-H", "Authorization: [redacted]", "API_KEY=[redacted]", "--auth", "path",
          "--secret", "--verbose", "--pin", "[redacted]", "postgres://u:[redacted]@h"}));
  EXPECT_EQ(found_[0], (Redaction{"details.arguments[4]", "argument:--token", "mask"}));
  EXPECT_EQ(found_[1], (Redaction{"details.arguments[5]", "text:api_key", "mask"}));
  EXPECT_EQ(found_.size(), 6U);
}

TEST_F(RedactText, OptionsThatDescribeAndOptionsThatCarry) {
  const std::vector<std::string> arguments = {"--auth-header=abc8",
                                              "--auth-key",
                                              "abc8",
                                              "--auth-url",
                                              "https://h/",
                                              "--auth-method",
                                              "oauth2",
                                              "--pass",
                                              "abc8",
                                              "--tokens=5",
                                              "--max-tokens",
                                              "5",
                                              "--basic-auth",
                                              "server.js",
                                              "--token-name",
                                              "abc8"};
  EXPECT_EQ(redact_arguments(arguments, "details.arguments", {found_}),
            (std::vector<std::string>{"--auth-header=[redacted]", "--auth-key", "[redacted]",
                                      "--auth-url", "https://h/", "--auth-method", "oauth2",
                                      "--pass", "[redacted]", "--tokens=5", "--max-tokens", "5",
                                      "--basic-auth", "server.js", "--token-name", "[redacted]"}));
  EXPECT_EQ(found_.size(), 4U);
  EXPECT_EQ(redact_form("token_type=bearer&auth_key=abc8&token_name=abc8", "body", {found_}),
            "token_type=bearer&auth_key=[redacted]&token_name=[redacted]");
}

TEST_F(RedactText, NothingToDoGivesTheSameText) {
  const std::string text = "an ordinary message: 5 files, 3 errors";
  EXPECT_EQ(redact_text(text, "p", {found_}), text);
  EXPECT_TRUE(found_.empty());
}

}  // namespace
}  // namespace tally::redact
