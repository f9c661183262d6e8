// SPDX-License-Identifier: Apache-2.0
#include "rest/object.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "rest/samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::rest {
namespace {

using test::digest;

std::optional<Object> object(const std::string& text) {
  json::Document document;
  const auto root = document.parse(text);
  EXPECT_TRUE(root) << text;
  return read_object(*root, digest());
}

TEST(Object, KeepsWhatIsNotSecret) {
  const auto tool = object(R"({"id":"7","name":"deploy","url":"http://u:pw@h/x?token=abc",)"
                           R"("authToken":"s3cr3t","headers":{"Authorization":"Bearer abcdefgh"},)"
                           "\"tags\":[1,\n2],\"enabled\":true}");
  ASSERT_TRUE(tool);
  const Values all = all_values(*tool, "new_values");
  EXPECT_EQ(all.json.find("s3cr3t"), std::string::npos);
  EXPECT_EQ(all.json.find("abcdefgh"), std::string::npos);
  EXPECT_EQ(all.json.find("pw@"), std::string::npos);
  EXPECT_EQ(all.json.find('\n'), std::string::npos);
  EXPECT_NE(all.json.find(R"("enabled":true)"), std::string::npos);
  EXPECT_NE(all.json.find(R"("authToken":"[redacted]")"), std::string::npos) << all.json;
  std::vector<std::string> paths;
  for (const event::Redaction& redaction : all.redactions) paths.push_back(redaction.path);
  EXPECT_THAT(paths, testing::IsSupersetOf({"new_values.authToken",
                                            "new_values.headers.Authorization", "new_values.url"}));
}

TEST(Object, WhatStandsBesideASecretIsKeptAsAlone) {
  const std::string long_text = '"' + std::string(kFieldBytesMax - 2, 'x') + '"';
  const std::string longer_text = '"' + std::string(kFieldBytesMax - 1, 'x') + '"';
  for (const std::string& value :
       {std::string("1"), std::string("\"text\""), std::string("{ \"b\" :\n[1, {}]\r\n}"),
        std::string(R"("caf\u00e9 \ud83d\ude00")"), long_text, longer_text}) {
    const Object alone = *object(R"({"id":"7","a":)" + value + "}");
    const Object beside = *object(R"({"id":"7","a":)" + value + R"(,"password":"p"})");
    const ObjectMember& one = *alone.find("a");
    const ObjectMember& other = *beside.find("a");
    EXPECT_EQ(one.json, other.json);
    EXPECT_EQ(one.digest, other.digest);
    EXPECT_TRUE(one.redactions.empty());
    EXPECT_FALSE(beside.find("password")->redactions.empty());
    EXPECT_EQ(alone.names, beside.names);
  }
}

TEST(Object, ChangedSecretsAreSeenAsChanged) {
  const auto before = object(R"({"id":"7","password":"one","name":"a"})");
  const auto after = object(R"({"id":"7","password":"two","name":"a"})");
  const Difference changed = difference(*before, *after);
  EXPECT_EQ(changed.old_values.json, R"({"password":"[redacted]"})");
  EXPECT_EQ(changed.new_values.json, R"({"password":"[redacted]"})");
  EXPECT_EQ(difference(*before, *before).new_values.json, "{}");
}

TEST(Object, DifferencesOnly) {
  const auto before = object(R"({"id":1,"a":1,"b":[1,2],"gone":true})");
  const auto after = object(R"({"id":1,"a":2,"b":[1,2],"new":{}})");
  const Difference changed = difference(*before, *after);
  EXPECT_EQ(changed.old_values.json, R"({"a":1})");
  EXPECT_EQ(changed.new_values.json, R"({"a":2,"new":{}})");
}

TEST(Object, NamesAndIds) {
  const auto tool = object(R"({"id":7,"name":"deploy"})");
  EXPECT_EQ(own_id(*tool, "tool"), "7");
  EXPECT_TRUE(tool->is_called("7"));
  EXPECT_TRUE(tool->is_called("deploy"));
  EXPECT_FALSE(tool->is_called("8"));
  EXPECT_EQ(own_id(*object(R"({"id":"7"})"), "tool"), "7");
  const auto user = object(R"({"id":1,"email":"a@b.example"})");
  EXPECT_EQ(own_id(*user, "user"), "a@b.example");
  EXPECT_EQ(own_id(*user, "tool"), "1");
  EXPECT_EQ(own_id(*object(R"({"id":true,"x":1})"), "tool"), "");
  EXPECT_EQ(own_id(*object(R"({"id":{"a":1},"name":""})"), "tool"), "");
}

TEST(Object, WhatTwoReadersCouldReadDifferentlyIsNone) {
  EXPECT_FALSE(object(R"({"id":1,"id":2})"));
  EXPECT_FALSE(object(R"({"id":1,"ID":2})"));
  EXPECT_FALSE(object(R"({"id":1,"\u0069d":2})"));
  EXPECT_FALSE(object("[1]"));
  EXPECT_FALSE(read_form("id=1&id=2", digest()));
  std::string many = "{";
  for (int i = 0; i < 200; ++i) many += "\"k" + std::to_string(i) + "\":1,";
  EXPECT_FALSE(object(many + "\"id\":1}"));
}

TEST(Object, FormsHaveTexts) {
  const auto form = read_form("name=a+b&password=x&url=http%3A%2F%2Fh", digest());
  ASSERT_TRUE(form);
  EXPECT_EQ(all_values(*form, "new_values").json,
            R"({"name":"a b","password":"[redacted]","url":"http://h"})");
  EXPECT_EQ(form->name("name"), "a b");
}

TEST(Object, LargeOnesAreCutToDigests) {
  std::string text = R"({"id":1,"long":")" + std::string(10'000, 'x') + '"';
  for (int i = 0; i < 20; ++i) {
    text += ",\"k" + std::to_string(i) + "\":\"" + std::string(2'000, 'y') + '"';
  }
  const auto large = object(text + "}");
  ASSERT_TRUE(large);
  const std::string all = all_values(*large, "new_values").json;
  EXPECT_LE(all.size(), kObjectBytesMax + 5'000);
  EXPECT_EQ(large->find("long")->json.find("xxx"), std::string::npos);
  EXPECT_NE(large->find("k19")->json.find(R"("digest":"hmac:)"), std::string::npos);
  // A change in what was cut is still one.
  const auto other = object(R"({"id":1,"long":")" + std::string(10'001, 'x') + "\"}");
  EXPECT_NE(difference(*large, *other).new_values.json, "{}");
  EXPECT_LE(large->bytes(), 4 * kObjectBytesMax);
}

}  // namespace
}  // namespace tally::rest
