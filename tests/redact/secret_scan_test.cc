// SPDX-License-Identifier: Apache-2.0
#include "redact/secret_scan.h"

#include <gtest/gtest.h>

#include <random>

namespace tally::redact {
namespace {

/// The text with every secret as {rule}.
std::string marked(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  for (const SecretSpan& span : find_secrets(text)) {
    EXPECT_LE(at, span.begin);
    EXPECT_LT(span.begin, span.end);
    EXPECT_LE(span.end, text.size());
    out += text.substr(at, span.begin - at);
    out += '{' + span.rule + '}';
    at = span.end;
  }
  return out + std::string(text.substr(at));
}

TEST(SecretScan, Schemes) {
  EXPECT_EQ(marked("sent Bearer abc.def-123 to"), "sent Bearer {value:bearer} to");
  EXPECT_EQ(marked("bearer  eyJhbGciOi"), "bearer  {value:bearer}");
  EXPECT_EQ(marked("Basic dXNlcjpwYXNz"), "Basic {value:basic}");
  EXPECT_EQ(marked("Bearer [redacted]"), "Bearer [redacted]");
}

TEST(SecretScan, ProseIsLeftAlone) {
  for (const char* text :
       {"Basic authentication is required", "the bearer of news", "Bearer token required",
        "Bearer realm=\"mcp\", error=\"x\"", "Unauthorized: Bearer authentication failed.",
        "at 19:00:01: done", "a = b; c: d", "code: -32602", "error code=404",
        "see https://example.com/a?b=c#d", "C:\\temp", "max_tokens=5", "author: Jane",
        "no auth: none", "token", "password", ""}) {
    EXPECT_EQ(marked(text), text);
  }
}

TEST(SecretScan, Assignments) {
  EXPECT_EQ(marked("--token=abc next"), "--token={text:token} next");
  EXPECT_EQ(marked("export API_KEY='a b' X=1"), "export API_KEY='{text:api_key}' X=1");
  EXPECT_EQ(marked("Server=x;Password=p w;Database=y"),
            "Server=x;Password={text:password} w;Database=y");
  EXPECT_EQ(marked("password=\"unterminated"), "password=\"{text:password}");
  EXPECT_EQ(marked("token = \"abc\""), "token = \"{text:token}\"");
  EXPECT_EQ(marked("password="), "password=");
  EXPECT_EQ(marked("password=[redacted]"), "password=[redacted]");
}

TEST(SecretScan, Fields) {
  EXPECT_EQ(marked("user: jane\npassword: hunter2\nhost: h"),
            "user: jane\npassword: {text:password}\nhost: h");
  EXPECT_EQ(marked("{'password': 'it\\'s', 'n': 1}"), "{'password': '{text:password}', 'n': 1}");
  EXPECT_EQ(marked("{\"code\": \"abc\", \"pin\": 1234}"),
            "{\"code\": \"{text:code}\", \"pin\": {text:pin}}");
  EXPECT_EQ(marked("token: null, secret: true"), "token: null, secret: true");
  EXPECT_EQ(marked("password: [redacted]"), "password: [redacted]");
  EXPECT_EQ(marked("password: [redacted]more"), "password: {text:password}]more");
}

TEST(SecretScan, DescriptorsInText) {
  EXPECT_EQ(marked("auth-header: abc8, auth-method: oauth2"),
            "auth-header: {text:auth}, auth-method: oauth2");
  EXPECT_EQ(marked("tokens=5 tokens=abc8 max_tokens=x"),
            "tokens=5 tokens={text:token} max_tokens=x");
  EXPECT_EQ(marked("PWD=/srv/jane SSH_AUTH_SOCK=/tmp/a DB_PWD=abc8"),
            "PWD=/srv/jane SSH_AUTH_SOCK=/tmp/a DB_PWD={text:password}");
  EXPECT_EQ(marked("3 tests pass: all, OAuth: on"), "3 tests pass: all, OAuth: on");
  EXPECT_EQ(marked("token_url=https://h/?sig=abc8&x=1"),
            "token_url=https://h/?sig={url:signature}&x=1");
}

TEST(SecretScan, SchemesBehindNames) {
  EXPECT_EQ(marked("token: Bearer abc8, next"), "token: {text:token}, next");
  EXPECT_EQ(marked("auth-header=Basic abc8 next"), "auth-header={text:auth} next");
  EXPECT_EQ(marked("token: bearer\nnext: x"), "token: {text:token}\nnext: x");
}

TEST(SecretScan, Headers) {
  EXPECT_EQ(marked("Authorization: Token a b c\r\nAccept: x"),
            "Authorization: {header:authorization}\r\nAccept: x");
  EXPECT_EQ(marked("curl -H 'Cookie: a=b; c=d' http://h"),
            "curl -H 'Cookie: {header:cookie}' http://h");
  EXPECT_EQ(marked("mcp-session-id: 17"), "mcp-session-id: {header:mcp-session-id}");
  EXPECT_EQ(marked("x-api-key:k"), "x-api-key:{header:x-api-key}");
}

TEST(SecretScan, Urls) {
  EXPECT_EQ(marked("https://user:pw@host/p"), "https://user:{url:userinfo}@host/p");
  EXPECT_EQ(marked("postgres://u:p@ss@h/db"), "postgres://u:{url:userinfo}@h/db");
  EXPECT_EQ(marked("http://host:80/a@b"), "http://host:80/a@b");
  EXPECT_EQ(marked("/mcp?sessionId=17&x=1"), "/mcp?sessionId={url:session_id}&x=1");
  EXPECT_EQ(marked("https://h/cb?code=4711&state=s"), "https://h/cb?code={url:code}&state=s");
  EXPECT_EQ(marked("https://h/b?sv=1&sig=abc%3D&se=2"),
            "https://h/b?sv=1&sig={url:signature}&se=2");
  EXPECT_EQ(marked("https://h/b?q=1&key=abc#key=abc"),
            "https://h/b?q=1&key={url:key}#key={url:key}");
  EXPECT_EQ(marked("sig=abc key=abc"), "sig=abc key=abc");
  EXPECT_EQ(marked("https://h/#access%5Ftoken=abc"), "https://h/#access%5Ftoken={url:token}");
  const auto spans = find_secrets("/mcp?sessionId=17 password=x");
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_TRUE(spans[0].in_url);
  EXPECT_FALSE(spans[1].in_url);
}

TEST(SecretScan, NothingIsFoundWhereThePrefilterSaysNo) {
  EXPECT_FALSE(may_hold_secrets("utf-8"));
  EXPECT_FALSE(may_hold_secrets("/srv/data/file-1.txt"));
  EXPECT_TRUE(may_hold_secrets("a\\u003db"));
  std::mt19937 random(3);
  const char* const pieces[] = {
      "password", "token", "Bearer", " ",    "=",    ":", "abcdef", "\"",         "'",      "/",
      "@",        "://",   "?",      "&",    "code", "1", "\n",     "[redacted]", "Cookie", ";",
      "é",        "\xFF",  "%5f",    "auth", "-",    "{", "}",      "tokens",     "_type",  "sig"};
  for (int i = 0; i < 50'000; ++i) {
    std::string text;
    for (auto n = random() % 12; n > 0; --n) text += pieces[random() % std::size(pieces)];
    const auto spans = find_secrets(text);
    if (!spans.empty()) {
      EXPECT_TRUE(may_hold_secrets(text)) << text;
    }
    std::size_t at = 0;
    std::string masked;
    for (const SecretSpan& span : spans) {
      ASSERT_LE(at, span.begin) << text;
      ASSERT_LT(span.begin, span.end) << text;
      ASSERT_LE(span.end, text.size()) << text;
      masked += text.substr(at, span.begin - at) + "[redacted]";
      at = span.end;
    }
    masked += text.substr(at);
    EXPECT_TRUE(find_secrets(masked).empty()) << text << "\n" << masked << "\n" << marked(masked);
  }
}

TEST(SecretScan, PercentDecoding) {
  EXPECT_EQ(percent_decode("a%20b+c%3D%3d"), "a b c==");
  EXPECT_EQ(percent_decode("%"), "%");
  EXPECT_EQ(percent_decode("%4"), "%4");
  EXPECT_EQ(percent_decode("%zz"), "%zz");
}

}  // namespace
}  // namespace tally::redact
