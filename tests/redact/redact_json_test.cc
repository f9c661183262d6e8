// SPDX-License-Identifier: Apache-2.0
// Masking at every depth, everything else byte for byte, and nothing secret in the result whatever
// the shape.
#include "base/json.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "redact/redact.h"

#include <gtest/gtest.h>

#include <random>

namespace tally::redact {
namespace {

struct Outcome {
  std::string json;
  std::vector<Redaction> found;
};

Outcome redact(std::string_view json, std::string_view path = "details") {
  Outcome out;
  out.json = redact_json(json, path, out.found);
  return out;
}

TEST(RedactJson, MasksAtEveryDepthArraysIncluded) {
  const auto [json, found] = redact(
      R"({"a":{"b":[{"password":"x"},{"n":1,"apiKey":["k",{"z":1}]}]},"token":{"deep":true},"pin":1234,"max_tokens":5})");
  EXPECT_EQ(
      json,
      R"({"a":{"b":[{"password":"[redacted]"},{"n":1,"apiKey":"[redacted]"}]},"token":"[redacted]",)"
      R"("pin":"[redacted]","max_tokens":5})");
  EXPECT_EQ(found, (std::vector<Redaction>{{"details.a.b[0].password", "key:password", "mask"},
                                           {"details.a.b[1].apiKey", "key:api_key", "mask"},
                                           {"details.token", "key:token", "mask"},
                                           {"details.pin", "key:pin", "mask"}}));
}

TEST(RedactJson, EverythingElseIsCopiedByteForByte) {
  for (
      const char* text :
      {R"({ "n" : -0.10e+05 , "big":123456789012345678901234567890, "s":"\u0041\/\n", "e":{ }, "l":[ ] })",
       "[]", "1e400", "null", "\"x\"", R"("a b: c")", R"({"":{"":""}})", "  [1, 2]  "}) {
    const auto [json, found] = redact(text);
    EXPECT_EQ(json, text);
    EXPECT_TRUE(found.empty());
  }
}

TEST(RedactJson, WhatHidesNothingStays) {
  const char* const text =
      R"({"token":null,"secret":true,"auth":false,"password":"","credentials":{},"cookie":[ ],"code":-32602})";
  const auto [json, found] = redact(text);
  EXPECT_EQ(json, text);
  EXPECT_TRUE(found.empty());
  EXPECT_EQ(redact(R"({"code":{"password":"x"}})").json, R"({"code":{"password":"[redacted]"}})");
}

TEST(RedactJson, DescribedValuesStayOnlyWhereTheyAreHarmless) {
  const char* const fine =
      R"({"token_type":"Bearer","token_endpoint":"https://as.example/token","tokenCount":17,"tokens":5,)"
      R"("usage":{"prompt_tokens":"3","tokens":{"in":1,"out":[2,3]}},"auth_method":"oauth2","pass":12,)"
      R"("authorization_servers":["https://as.example"],"bearer_methods_supported":["header","body"],)"
      R"("passwordPolicy":{"length":8,"changed_at":"2026-07-28T10:00:00Z"},"max_tokens":"4096",)"
      R"("SSH_AUTH_SOCK":"/tmp/ssh-1/agent.1","PWD":"/srv/jane","cookie_limits":{"n":null}})";
  const auto [json, found] = redact(fine);
  EXPECT_EQ(json, fine);
  EXPECT_TRUE(found.empty());
}

TEST(RedactJson, DescribedValuesThatCouldBeSecretsGo) {
  for (const char* key :
       {"otp_code", "pin_code", "auth_key", "authData", "passwordStatus", "passwordMethod",
        "token_name", "secret_name", "api_key_name", "passWord", "PASS_WORD", "pass word",
        "auth_tokens", "authTokens", "api_tokens", "pwd", "pass", "bearer", "token_url"}) {
    const std::string name = "{\"" + std::string(key) + "\":";
    EXPECT_EQ(redact(name + "\"abc8\"}").json, name + "\"[redacted]\"}");
    EXPECT_EQ(redact(name + "[\"abc8\"]}").json.find("abc8"), std::string::npos) << key;
    EXPECT_EQ(redact(name + "{\"x\":[{\"y\":\"abc8\"}]}}").json.find("abc8"), std::string::npos)
        << key;
  }
  const auto [json, found] = redact(
      R"({"tokens":["abc8",5,"12"],"token_url":"https://u:abc8@h/","auth_url":"https://h/?sig=abc8"})");
  EXPECT_EQ(
      json,
      R"({"tokens":["[redacted]",5,"[redacted]"],"token_url":"[redacted]","auth_url":"https://h/?sig=[redacted]"})");
  EXPECT_EQ(found[0], (Redaction{"details.tokens[0]", "key:token", "mask"}));
  EXPECT_EQ(redact(R"({"pin_code":1234,"otp":[1,2],"db_pass":7})").json,
            R"({"pin_code":"[redacted]","otp":"[redacted]","db_pass":"[redacted]"})");
}

TEST(RedactJson, EscapedKeysDoNotHide) {
  const auto [json, found] = redact(R"({"pass\u0077ord":"x","\ud83d\ude00 token":"y"})");
  EXPECT_EQ(json, R"({"pass\u0077ord":"[redacted]","\ud83d\ude00 token":"[redacted]"})");
  EXPECT_EQ(found[0].path, "details.password");
  EXPECT_EQ(found[1].path, "details[\"😀 token\"]");
}

TEST(RedactJson, LoneSurrogatesBecomeReplacementCharacters) {
  const auto [json, found] = redact(
      R"({"a\ud800":"x\udc00y","ok":"\ud83d\ude00","b":"\\ud800","c":"\ud83d\ud83d\ude00"})");
  EXPECT_EQ(
      json,
      "{\"a\uFFFD\":\"x\uFFFDy\",\"ok\":\"\\ud83d\\ude00\",\"b\":\"\\\\ud800\",\"c\":\"\uFFFD😀\"}");
  json::Document document;
  ASSERT_TRUE(document.parse(json));
  EXPECT_FALSE(document.has_lone_surrogate());
}

TEST(RedactJson, StringsAreSearchedToo) {
  const auto [json, found] = redact(
      R"({"cmd":"curl -H \"Authorization: Bearer abc\" https://u:p@h?token=t","n":["--password=x"]})");
  EXPECT_EQ(
      json,
      R"({"cmd":"curl -H \"Authorization: [redacted]\" https://u:[redacted]@h?token=[redacted]","n":["--password=[redacted]"]})");
  EXPECT_EQ(found.size(), 4U);
  EXPECT_EQ(found[3], (Redaction{"details.n[0]", "text:password", "mask"}));
}

TEST(RedactJson, JsonInsideStrings) {
  const auto [json, found] = redact(R"({"text":"{\"user\":{\"password\":\"x\",\"n\":1.50}}"})");
  EXPECT_EQ(json, R"({"text":"{\"user\":{\"password\":\"[redacted]\",\"n\":1.50}}"})");
  EXPECT_EQ(found[0].path, "details.text.user.password");
}

TEST(RedactJson, JsonInsideJsonHasALimit) {
  std::string text = R"({"password":"s3cr3t"})";
  for (int i = 0; i < 8; ++i) {
    std::string outer = "[";
    json::append_string(outer, text);
    text = outer + "]";
  }
  const auto [json, found] = redact(text);
  EXPECT_EQ(json.find("s3cr3t"), std::string::npos);
  EXPECT_EQ(found.back().rule, "limit:embedded");
}

TEST(RedactJson, UrlParametersAreHashedWithAKey) {
  const KeyedDigest digest(as_bytes("k"));
  std::vector<Redaction> found;
  EXPECT_EQ(redact_json(R"({"url":"/x?sessionId=1","token":"t"})", "details", Sink{found, &digest}),
            R"({"url":"/x?sessionId=)" + digest("1") + R"(","token":"[redacted]"})");
  EXPECT_EQ(found[0].action, "hash");
  EXPECT_EQ(found[1].action, "mask");
}

TEST(RedactJson, DepthBeyondThePromiseIsMasked) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "{\"a\":";
  text += "{\"password\":\"s3cr3t\"}" + std::string(200, '}');
  EXPECT_EQ(redact(text).json.find("s3cr3t"), std::string::npos);
}

TEST(RedactJson, CutTextNeverCrashes) {
  const std::string text =
      R"({"a":{"password":"x","b":["--token=y","\ud800",{"code":"z"}]},"t":"[{\"pin\":1}]"})";
  for (std::size_t n = 0; n < text.size(); ++n) {
    EXPECT_LE(redact(text.substr(0, n)).json.size(), text.size() + 64);
  }
}

/// Random JSON in which every secret has a known text.
class Maker {
 public:
  explicit Maker(std::uint32_t seed) : random_(seed) {}

  std::string value(int depth) {
    switch (pick(depth > 4 ? 5 : 7)) {
      case 0: return "1.50";
      case 1: return "null";
      case 2: return "\"plain text\"";
      case 3: return "\"Bearer s3cr3t-" + std::to_string(pick(1000)) + "-value\"";
      case 4: return R"("{\"n\":1,\"secret\":\"s3cr3t\"}")";
      case 5: return list(depth);
      default: return object(depth);
    }
  }

 private:
  unsigned pick(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random_); }
  std::string list(int depth) {
    std::string out = "[";
    for (unsigned n = pick(4); n > 0; --n) out += (out.size() > 1 ? ", " : "") + value(depth + 1);
    return out + "]";
  }
  std::string object(int depth) {
    static const char* const kSecretKeys[] = {"password",   "X-API-Key", "user\\u005fpassword",
                                              "set-cookie", "otp",       "sessionID"};
    std::string out = "{";
    for (unsigned n = pick(4); n > 0; --n) {
      if (out.size() > 1) out += ",";
      if (pick(3) == 0) {
        out += std::string("\"") + kSecretKeys[pick(6)] +
               "\" :" + (pick(2) == 0 ? "\"s3cr3t\"" : "{\"x\":[\"s3cr3t\"]}");
      } else {
        out += "\"k" + std::to_string(pick(100)) + "\":" + value(depth + 1);
      }
    }
    return out + "}";
  }
  std::mt19937 random_;
};

TEST(RedactJson, RandomDocumentsComeOutStrictCleanAndStable) {
  Maker make(17);
  json::Document document;
  std::size_t total = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::string text = make.value(0);
    ASSERT_TRUE(document.parse(text)) << text;
    const auto [json, found] = redact(text, "");
    ASSERT_TRUE(document.parse(json)) << text << "\n" << json;
    ASSERT_EQ(json.find("s3cr3t"), std::string::npos) << text << "\n" << json;
    EXPECT_EQ(text.find("s3cr3t") == std::string::npos, found.empty());
    const auto again = redact(json, "");
    EXPECT_EQ(again.json, json);
    EXPECT_TRUE(again.found.empty()) << json;
    total += found.size();
  }
  EXPECT_GT(total, 2000U);
}

/// A value that one look calls clean is one that redact_json() gives back as it is.
TEST(RedactJson, WhatIsSurelyCleanIsNotChanged) {
  Maker make(23);
  std::mt19937 random(29);
  constexpr std::string_view kBits[] = {"token", "Bearer x", ": ",       "\\u0041", "{\\\"a\\\":1}",
                                        "a=b",   "password", "://u:p@h", "[1]",     "plain"};
  json::Document document;
  std::size_t clean = 0, dirty = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = make.value(0);
    for (std::size_t times = random() % 3; times > 0; --times) {
      const std::size_t at = random() % (text.size() + 1);
      text.insert(at, kBits[random() % std::size(kBits)]);
    }
    const auto root = document.parse(text);
    if (!root) continue;
    if (!is_surely_clean(*root)) {
      ++dirty;
      continue;
    }
    ++clean;
    const auto [json, found] = redact(text, "");
    ASSERT_EQ(json, text);
    ASSERT_TRUE(found.empty()) << text;
  }
  EXPECT_GT(clean, 1'000U);
  EXPECT_GT(dirty, 1'000U);
}

TEST(RedactJson, NothingIsSurelyCleanThatIsNotListed) {
  json::Document document;
  EXPECT_TRUE(is_surely_clean(*document.parse(R"({"a":{"b":"x y"}})")));
  EXPECT_FALSE(is_surely_clean(*document.parse(R"({"a":{"token":"x"}})", {.depth_indexed = 1})));
  EXPECT_FALSE(is_surely_clean(*document.parse(R"({"a":{"b":1}})", {.depth_indexed = 1})));
  EXPECT_FALSE(is_surely_clean(*document.parse(R"("Authorization: Bearer abcdefgh12345678")")));
  EXPECT_FALSE(is_surely_clean(*document.parse(R"({"tok\u0065n":"x"})")));
}

}  // namespace
}  // namespace tally::redact
