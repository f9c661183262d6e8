// SPDX-License-Identifier: Apache-2.0
#include "record/payload.h"

#include "redact/keyed_digest.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

class PayloadTest : public testing::Test {
 protected:
  Capture capture() { return {digest, members, redactions}; }
  redact::KeyedDigest digest{as_bytes("key")};
  Members members;
  std::vector<event::Redaction> redactions;
};

TEST_F(PayloadTest, SmallJsonIsKeptAsItStands) {
  capture_json(capture(), "arguments", R"({"n":1.50,"s":"\u00e9"})", {}, {.bytes_max = 100});
  EXPECT_EQ(members.object(), R"({"arguments":{"n":1.50,"s":"\u00e9"}})");
  EXPECT_TRUE(redactions.empty());
}

TEST_F(PayloadTest, AboveTheCapADigestStandsIn) {
  const std::string raw = "\"" + std::string(100, 'x') + "\"";
  capture_json(capture(), "arguments", raw, {}, {.bytes_max = 50, .preview_bytes_max = 10});
  EXPECT_TRUE(members.text().starts_with("\"arguments_digest\":{\"bytes\":102,"));
  EXPECT_NE(members.text().find(redact::plain_digest(raw)), std::string::npos);
}

TEST_F(PayloadTest, ScalarsKeepTheirText) {
  json::Document document;
  const std::string text =
      R"([12345678901234567890, "plain", true, null, {"a":1}, "Bearer abcdefghijkl"])";
  int i = 0;
  for (const json::Value v : document.parse(std::string_view(text))->children()) {
    capture_scalar(capture(), "f" + std::to_string(i++), v);
  }
  const std::string out = members.object();
  EXPECT_TRUE(out.starts_with(
      R"({"f0":12345678901234567890,"f1":"plain","f2":true,"f3":null,"f4":{"a":1},"f5":")"))
      << out;
  EXPECT_EQ(out.find("abcdefghijkl"), std::string::npos);
}

TEST_F(PayloadTest, AResultWithNothingHiddenHasAPlainDigest) {
  const std::string raw = R"({"content":[{"type":"text","text":"hello"}]})";
  EXPECT_EQ(capture_result(capture(), raw, mcp::Category::call, hides_of_results()).text, "hello");
  EXPECT_EQ(members.object(), R"({"result":{"preview":"hello","bytes":44,"digest":")" +
                                  redact::plain_digest(raw) + R"("}})");
}

TEST_F(PayloadTest, AResultWithSomethingHiddenHasAKeyedDigest) {
  const std::string raw = R"({"content":[{"type":"text","text":"{\"password\":\"hunter2\"}"}]})";
  const ResultPreview preview =
      capture_result(capture(), raw, mcp::Category::call, hides_of_results());
  EXPECT_EQ(preview.text.find("hunter2"), std::string::npos);
  EXPECT_NE(members.text().find(digest(raw)), std::string::npos);
  EXPECT_FALSE(redactions.empty());
}

TEST_F(PayloadTest, AResultTooLargeToCopyHasAKeyedDigestAndThePreviewOfItsStart) {
  const std::string text(kWholePayloadBytesMax, 'x');
  const std::string raw =
      R"({"content":[{"type":"text","text":"token=abc123 )" + text + R"("}],"more":1})";
  const ResultPreview preview =
      capture_result(capture(), raw, mcp::Category::call, hides_of_results());
  EXPECT_EQ(preview.text.substr(0, 24), "token=[redacted] xxxxxxx");
  EXPECT_EQ(preview.text.size(), kResultPreviewBytesMax);
  EXPECT_EQ(members.object(), R"({"result":{"preview":")" + preview.text + R"(","bytes":)" +
                                  std::to_string(raw.size()) + R"(,"digest":")" + digest(raw) +
                                  R"("}})");
  ASSERT_EQ(redactions.size(), 1U);
  EXPECT_EQ(redactions[0].path, "details.result.content[0].text");
}

TEST_F(PayloadTest, JsonTooLargeToCopyIsTheDigestOfTheWholeAndThePreviewOfItsStart) {
  const std::string raw = R"({"password":"hunter2","n": [1, 2],"text":")" +
                          std::string(kWholePayloadBytesMax, 'x') + R"("})";
  capture_json(capture(), "arguments", raw, {}, {.bytes_max = kArgumentsBytesMax});
  const std::string head = R"("arguments_digest":{"bytes":)" + std::to_string(raw.size()) +
                           R"(,"digest":")" + digest(raw) +
                           R"(","preview":"{\"password\":\"[redacted]\",\"n\":[1,2],\"text\":\"x)";
  EXPECT_EQ(members.text().substr(0, head.size()), head);
  EXPECT_LT(members.text().size(), head.size() + kFieldBytesMax);
}

TEST_F(PayloadTest, OfALongScalarTheStartIsRedacted) {
  const std::string raw = "\"PASSWORD=hunter2 " + std::string(10 * kPayloadStartBytes, 'x') + "\"";
  json::Document document;
  capture_scalar(capture(), "message", *document.parse(std::string_view(raw)));
  EXPECT_EQ(members.text().substr(0, 42), R"("message":"PASSWORD=[redacted] xxxxxxxxxxx)");
  EXPECT_LT(members.text().size(), kFieldBytesMax + 20);
}

TEST_F(PayloadTest, OpaqueBytes) {
  EXPECT_EQ(opaque_json("\xFF plain", "d", digest, redactions),
            "{\"bytes\":7,\"digest\":\"" + redact::plain_digest("\xFF plain") +
                "\",\"preview\":\"\xEF\xBF\xBD plain\"}");
  const std::string secret = "PASSWORD=hunter2 {\"token\": \"abc123\"";
  const std::string out = opaque_json(secret, "d", digest, redactions);
  EXPECT_EQ(out.find("hunter2"), std::string::npos) << out;
  EXPECT_EQ(out.find("abc123"), std::string::npos) << out;
  EXPECT_NE(out.find(digest(secret)), std::string::npos);
  const std::string large(100'000, 'l');
  EXPECT_NE(opaque_json(large, "d", digest, redactions).find(digest(large)), std::string::npos);
}

}  // namespace
}  // namespace tally::record
