// SPDX-License-Identifier: Apache-2.0
#include "mcp/message.h"

#include "mcp/wire_frames.h"

#include <gtest/gtest.h>

namespace tally::mcp {
namespace {

std::string kinds(const Message& message) {
  std::string out;
  for (const Violation& v : message.violations) {
    if (!out.empty()) out += ' ';
    out += violation_name(v.kind);
  }
  return out;
}

struct Case {
  const char* name;
  std::string text;
  Shape shape;
  std::string id;
  std::string method;
  std::string violations;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"request", R"({"jsonrpc":"2.0","id":1,"method":"ping"})", Shape::request, "1", "ping", ""},
      {"text id", R"({"jsonrpc":"2.0","id":"1","method":"ping"})", Shape::request, "\"1\"", "ping",
       ""},
      {"huge id", R"({"jsonrpc":"2.0","id":12345678901234567890123,"method":"a"})", Shape::request,
       "12345678901234567890123", "a", ""},
      {"notification", R"({"jsonrpc":"2.0","method":"notifications/x","params":{}})",
       Shape::notification, "", "notifications/x", ""},
      {"result", R"({"jsonrpc":"2.0","id":1,"result":{}})", Shape::response, "1", "", ""},
      {"error", R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"x"}})",
       Shape::response, "1", "", ""},
      {"error to nobody", R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}})",
       Shape::response, "null", "", ""},
      {"escaped method", R"({"jsonrpc":"2.0","id":1,"method":"tools\/c\u0061ll"})", Shape::request,
       "1", "tools/call", ""},
      {"no jsonrpc", R"({"id":1,"method":"ping"})", Shape::request, "1", "ping", "missing_jsonrpc"},
      {"jsonrpc 1.0", R"({"jsonrpc":"1.0","id":1,"method":"ping"})", Shape::request, "1", "ping",
       "wrong_jsonrpc"},
      {"null id", R"({"jsonrpc":"2.0","id":null,"method":"ping"})", Shape::request, "null", "ping",
       "null_id"},
      {"object id", R"({"jsonrpc":"2.0","id":{"a":1},"method":"ping"})", Shape::request,
       "{\"a\":1}", "ping", "bad_id"},
      {"both answers", R"({"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}})",
       Shape::response, "1", "", "result_and_error"},
      {"no id", R"({"jsonrpc":"2.0","result":{}})", Shape::response, "", "", "missing_id"},
      {"error is text", R"({"jsonrpc":"2.0","id":1,"error":"no"})", Shape::response, "1", "",
       "bad_error"},
      {"code is a fraction", R"({"jsonrpc":"2.0","id":1,"error":{"code":1.5,"message":""}})",
       Shape::response, "1", "", "bad_error"},
      {"list of params", R"({"jsonrpc":"2.0","id":1,"method":"a","params":[1]})", Shape::request,
       "1", "a", "bad_params"},
      {"method and result", R"({"jsonrpc":"2.0","id":1,"method":"a","result":{}})",
       Shape::malformed, "1", "a", "unknown_shape"},
      {"method is a number", R"({"jsonrpc":"2.0","id":77,"method":5})", Shape::malformed, "77", "",
       "unknown_shape"},
      {"empty object", "{}", Shape::malformed, "", "", "unknown_shape missing_jsonrpc"},
      {"number", "42", Shape::malformed, "", "", "unknown_shape"},
      {"string", "\"tools/call\"", Shape::malformed, "", "", "unknown_shape"},
      {"not JSON", "hello", Shape::malformed, "", "", "unparsable"},
      {"half", R"({"jsonrpc":"2.0","id":1,"method":"tools/ca)", Shape::malformed, "", "",
       "unparsable"},
      {"two", R"({"jsonrpc":"2.0","method":"a"}{"jsonrpc":"2.0","method":"b"})", Shape::malformed,
       "", "", "unparsable"},
      {"not UTF-8", "{\"jsonrpc\":\"2.0\",\"method\":\"\xFF\"}", Shape::malformed, "", "",
       "unparsable"},
      {"byte order mark", "\xEF\xBB\xBF{\"jsonrpc\":\"2.0\",\"method\":\"a\"}", Shape::malformed,
       "", "", "unparsable"},
      {"NUL", std::string("{\"jsonrpc\":\"2.0\",\0\"method\":\"a\"}", 31), Shape::malformed, "", "",
       "unparsable"},
      {"too deep", std::string(20'000, '[') + std::string(20'000, ']'), Shape::malformed, "", "",
       "unparsable"},
      {"empty batch", "[]", Shape::malformed, "", "", "empty_batch"},
      {"repeated method", R"({"jsonrpc":"2.0","id":92,"method":"ping","method":"tools/call"})",
       Shape::request, "92", "ping", "duplicate_key"},
      {"other case", R"({"jsonrpc":"2.0","id":1,"Method":"tools/call"})", Shape::malformed, "1", "",
       "case_variant_key unknown_shape"},
      {"two names",
       R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","Name":"b"}})",
       Shape::request, "1", "tools/call", "case_variant_key"},
      {"two values",
       R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"x":1,"x":2,"X":3}}})",
       Shape::request, "1", "tools/call", "duplicate_key"},
      {"two versions in _meta",
       R"({"jsonrpc":"2.0","method":"a","params":{"_meta":{"v":1,"v":2}}})", Shape::notification,
       "", "a", "duplicate_key"},
      {"two outcomes", R"({"jsonrpc":"2.0","id":1,"result":{"isError":false,"iserror":true}})",
       Shape::response, "1", "", "case_variant_key"},
      {"lone surrogate", R"({"jsonrpc":"2.0","method":"a","params":{"x":"\ud800"}})",
       Shape::notification, "", "a", "lone_surrogate"},
      {"huge numbers", R"({"jsonrpc":"2.0","method":"a","params":{"e":1e999999}})",
       Shape::notification, "", "a", ""},
      {"long id", "{\"jsonrpc\":\"2.0\",\"id\":\"" + std::string(300, 'i') + "\",\"method\":\"a\"}",
       Shape::request, '"' + std::string(300, 'i') + '"', "a", "long_id"},
  };
  return all;
}

TEST(Message, TellsShapesApartAndSaysWhatIsOdd) {
  MessageReader reader;
  for (const Case& c : cases()) {
    const Parsed& parsed = reader.read(c.text);
    ASSERT_EQ(parsed.messages.size(), 1U) << c.name;
    const Message& m = parsed.messages.front();
    EXPECT_FALSE(parsed.batch) << c.name;
    EXPECT_EQ(m.shape, c.shape) << c.name;
    EXPECT_EQ(m.id, c.id) << c.name;
    EXPECT_EQ(m.method, c.method) << c.name;
    EXPECT_EQ(kinds(m), c.violations) << c.name;
  }
}

TEST(Message, MembersAreReachable) {
  MessageReader reader;
  const std::string text =
      R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"name":"x","arguments":{"n":1.50}}})";
  const Message& m = reader.read(text).messages.front();
  EXPECT_EQ(m.param("name")->text(), "x");
  EXPECT_EQ(m.param("arguments")->raw(), R"({"n":1.50})");
  EXPECT_FALSE(m.param("absent"));
  EXPECT_FALSE(m.result_member("content"));
  json::Document scratch;
  EXPECT_EQ(expand(*m.param("arguments"), scratch)->find("n")->raw(), "1.50");
}

TEST(Message, ABatchIsItsElements) {
  MessageReader reader;
  const std::string text =
      R"( [ {"jsonrpc":"2.0","id":1,"method":"a"}, 5, {"jsonrpc":"2.0","method":"b"}, [] ] )";
  const Parsed& parsed = reader.read(text);
  ASSERT_TRUE(parsed.batch);
  ASSERT_EQ(parsed.messages.size(), 4U);
  EXPECT_EQ(parsed.messages[0].shape, Shape::request);
  EXPECT_EQ(parsed.messages[0].raw, R"({"jsonrpc":"2.0","id":1,"method":"a"})");
  EXPECT_EQ(parsed.messages[1].shape, Shape::malformed);
  EXPECT_EQ(parsed.messages[2].shape, Shape::notification);
  EXPECT_EQ(parsed.messages[3].shape, Shape::malformed);
}

TEST(Message, ABatchThatIsTooLongIsOneMalformedMessage) {
  MessageReader reader;
  std::string text = "[1";
  for (std::size_t i = 0; i < kBatchMessagesMax; ++i) text += ",1";
  text += ']';
  const Parsed& parsed = reader.read(text);
  ASSERT_EQ(parsed.messages.size(), 1U);
  EXPECT_FALSE(parsed.batch);
  EXPECT_EQ(kinds(parsed.messages.front()), "batch_too_long");
  EXPECT_EQ(parsed.messages.front().raw, text);
}

TEST(Message, ALargeMessageNeedsNoLargeIndex) {
  MessageReader reader;
  std::string text = R"({"jsonrpc":"2.0","id":1,"result":{"content":[0)";
  for (int i = 0; i < 500'000; ++i) text += ",0";
  text += "]}}";
  const Message& m = reader.read(text).messages.front();
  EXPECT_EQ(m.shape, Shape::response);
  EXPECT_EQ(kinds(m), "");
  json::Document scratch;
  EXPECT_FALSE(expand(*m.result_member("content"), scratch));
}

TEST(Message, TheReaderCanBeUsedAgain) {
  MessageReader reader;
  for (int round = 0; round < 3; ++round) {
    for (const Case& c : cases()) {
      EXPECT_EQ(kinds(reader.read(c.text).messages.front()), c.violations) << c.name;
    }
    reader.shrink();
  }
}

TEST(Message, RecordedSessionsHaveNoViolation) {
  MessageReader reader;
  for (const char* name : {"everything", "filesystem", "modern"}) {
    for (const WireFrame& frame : wire_frames(name)) {
      const Message& m = reader.read(frame.text).messages.front();
      EXPECT_NE(m.shape, Shape::malformed) << frame.text;
      EXPECT_EQ(kinds(m), "") << frame.text;
    }
  }
}

TEST(Message, Blank) {
  EXPECT_TRUE(is_blank(""));
  EXPECT_TRUE(is_blank(" \t\r"));
  EXPECT_FALSE(is_blank(" {"));
}

/// White space behind it makes a frame one that is not indexed to the bottom.
TEST(Message, LongFramesAreReadAsShortOnes) {
  const std::string padding(kFrameBytesIndexedWhole, ' ');
  std::vector<std::string> texts;
  for (const Case& c : cases()) texts.push_back(c.text);
  for (const char* name : {"everything", "filesystem", "modern"}) {
    for (const WireFrame& frame : wire_frames(name)) texts.emplace_back(frame.text);
  }
  texts.emplace_back(
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{"a":1,)"
      R"("a":2},"_meta":{"x":{"y":1}},"Name":"x","name":"y"}})");
  MessageReader reader, other;
  json::Document scratch;
  std::size_t odd = 0;
  for (const std::string& text : texts) {
    const std::string padded = text + padding;
    const std::vector<Message>& whole = reader.read(text).messages;
    const std::vector<Message>& shallow = other.read(padded).messages;
    ASSERT_EQ(whole.size(), shallow.size()) << text;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      EXPECT_EQ(kinds(whole[i]), kinds(shallow[i])) << text;
      EXPECT_EQ(whole[i].shape, shallow[i].shape) << text;
      EXPECT_EQ(whole[i].method, shallow[i].method) << text;
      EXPECT_EQ(whole[i].id, shallow[i].id) << text;
      EXPECT_EQ(whole[i].param_forms, shallow[i].param_forms) << text;
      EXPECT_EQ(whole[i].result_forms, shallow[i].result_forms) << text;
      odd += whole[i].violations.size();
      const auto meta = whole[i].param("_meta");
      if (!meta) continue;
      EXPECT_EQ(expand(*meta, scratch)->raw(), expand(*shallow[i].param("_meta"), scratch)->raw());
    }
  }
  EXPECT_GT(odd, 10U);
}

TEST(Message, MembersOfOneMadeByHandAreFound) {
  json::Document document;
  Message message;
  message.params = *document.parse(R"({"name":"x"})");
  EXPECT_TRUE(message.param("name"));
  EXPECT_FALSE(message.param("uri"));
  EXPECT_FALSE(message.result_member("name"));
}

}  // namespace
}  // namespace tally::mcp
