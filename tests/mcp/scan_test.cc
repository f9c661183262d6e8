// SPDX-License-Identifier: Apache-2.0
#include "mcp/scan.h"

#include "mcp/message.h"
#include "mcp/outcome.h"
#include "mcp/wire_frames.h"

#include <gtest/gtest.h>

namespace tally::mcp {
namespace {

Scanned scan(std::string_view text, std::size_t piece = std::string_view::npos) {
  MessageScanner scanner;
  while (!text.empty()) {
    scanner.feed(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
  }
  return scanner.finish();
}

TEST(Scan, FindsWhatPairsAndWhatCameOfIt) {
  const Scanned request = scan(
      R"({"jsonrpc":"2.0","id":"a\"b","params":{"arguments":{"name":"no"},"name":"writ\u0065"},"method":"tools\/call"})");
  EXPECT_TRUE(request.is_request());
  EXPECT_EQ(request.id, R"("a\"b")");
  EXPECT_EQ(request.method, "tools/call");
  EXPECT_EQ(request.name, "write");

  const Scanned response =
      scan(R"({"id":7,"result":{"content":[{"isError":false,"x":[]}],"isError":true}})");
  EXPECT_TRUE(response.is_response());
  EXPECT_EQ(response.is_error, true);

  const Scanned error =
      scan(R"( {"id":7,"error":{"message":"x","code":-32603,"data":{"code":1}}} )");
  EXPECT_TRUE(error.has_error);
  EXPECT_EQ(error.error_code, "-32603");

  const Scanned note = scan(R"({"method":"notifications/message","params":{}})");
  EXPECT_TRUE(note.is_notification());
}

TEST(Scan, FindsHowATaskEnded) {
  const Scanned failed = scan(
      R"({"id":7,"result":{"status":"failed","x":{"code":5},"error":{"message":"code","code":-32603,"data":{"code":1}}}})");
  EXPECT_EQ(failed.task_status, "failed");
  EXPECT_EQ(failed.task_error_code, "-32603");
  EXPECT_FALSE(failed.task_is_error.has_value());
  const Scanned completed = scan(
      R"({"id":7,"result":{"result":{"content":[{"isError":false}],"isError":true},"status":"completed"}})");
  EXPECT_EQ(completed.task_status, "completed");
  EXPECT_EQ(completed.task_is_error, true);
  EXPECT_FALSE(completed.is_error.has_value());
  EXPECT_EQ(scan(R"({"id":7,"result":{"error":{"message":"x"}}})").task_error_code, "null");
  EXPECT_EQ(scan(R"({"id":7,"result":{"error":"x","result":[{"isError":true}]}})").task_error_code,
            "");
  EXPECT_EQ(scan(R"({"id":7,"params":{"status":"failed"}})").task_status, "");
}

TEST(Scan, EmptyContainersAndNullResults) {
  EXPECT_TRUE(scan(R"({"id":1,"result":null})").is_response());
  EXPECT_TRUE(scan(R"({"id":1,"result":[]})").is_response());
  EXPECT_TRUE(scan(R"({"id":1,"result":{}})").is_response());
  EXPECT_TRUE(scan(R"({"id":1,"x":[[],{},[1,{"a":[]}]],"result":[]})").is_response());
}

TEST(Scan, WhatIsBroken) {
  for (const std::string& text :
       {std::string(), std::string("[1"), std::string("{"), std::string(R"({"id":1,"method":"a")"),
        std::string(R"({"id":1,"method":"a"}x)"), std::string(R"({"id":1 "method":"a"})"),
        std::string("{\"a\":") + std::string(300, '[') + std::string(300, ']') + "}"}) {
    EXPECT_TRUE(scan(text).broken) << text;
  }
}

TEST(Scan, TheElementsOfABatchHoweverItIsCut) {
  const std::string text =
      R"( [{"id":1,"method":"tools/call","params":{"name":"a"}}, {"method":"b"} ,7,[{"id":9}],{},)"
      R"({"result":{"isError":true},"id":"x"},{"id":3,"error":{"code":-32603}}] )";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    MessageScanner scanner;
    for (std::size_t at = 0; at < text.size(); at += piece) scanner.feed(text.substr(at, piece));
    ASSERT_FALSE(scanner.finish().broken) << piece;
    ASSERT_TRUE(scanner.is_batch());
    const std::vector<Scanned>& found = scanner.elements();
    ASSERT_EQ(found.size(), 7U);
    EXPECT_EQ(scanner.element_count(), 7U);
    EXPECT_TRUE(found[0].is_request());
    EXPECT_EQ(found[0].name, "a");
    EXPECT_TRUE(found[1].is_notification());
    EXPECT_TRUE(found[2].broken);
    EXPECT_TRUE(found[3].broken);
    EXPECT_EQ(found[3].id, "");
    EXPECT_FALSE(found[4].broken || found[4].is_request() || found[4].is_response());
    EXPECT_TRUE(found[5].is_response());
    EXPECT_EQ(found[5].is_error, true);
    EXPECT_EQ(found[6].error_code, "-32603");
    EXPECT_FALSE(found[6].is_error.has_value());
  }
}

TEST(Scan, AByteOrderMarkIsSkipped) {
  EXPECT_EQ(scan("\xef\xbb\xbf{\"id\":1,\"method\":\"a\"}", 1).id, "1");
  EXPECT_TRUE(scan("{\"id\":1}\xef\xbb\xbf").broken);
}

TEST(Scan, BatchesWithoutEndAndWithoutLimit) {
  MessageScanner empty;
  empty.feed("[]");
  EXPECT_FALSE(empty.finish().broken);
  EXPECT_TRUE(empty.is_batch());
  EXPECT_TRUE(empty.elements().empty());
  MessageScanner long_one;
  long_one.feed("[{}");
  for (std::size_t i = 1; i < 2 * kBatchMessagesMax; ++i) long_one.feed(",{\"id\":1}");
  EXPECT_EQ(long_one.elements().size(), kBatchMessagesMax);
  EXPECT_EQ(long_one.element_count(), 2 * kBatchMessagesMax);
  EXPECT_TRUE(long_one.finish().broken);
}

TEST(Scan, TextsThatGoIntoRecordsAreJson) {
  EXPECT_EQ(scan(R"({"id":nonsense,"method":"a"})").id, "");
  EXPECT_EQ(scan(R"({"id":1,"error":{"code":x}})").error_code, "");
  EXPECT_EQ(scan("{\"id\":\"" + std::string(1000, 'i') + "\",\"method\":\"a\"}").id, "");
}

TEST(Scan, TheFirstOfRepeatedKeysCounts) {
  const Scanned found = scan(R"({"id":1,"id":2,"method":"a","method":"b"})");
  EXPECT_EQ(found.id, "1");
  EXPECT_EQ(found.method, "a");
}

TEST(Scan, PiecesOfAnySizeSayTheSame) {
  const std::string text =
      R"({"jsonrpc":"2.0","id":"\u00e9","result":{"content":[{"text":"a\"}]\\"}],"isError":true,"resultType":"complete"}})";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    const Scanned found = scan(text, piece);
    ASSERT_TRUE(found.is_response()) << piece;
    ASSERT_EQ(found.is_error, true);
    ASSERT_EQ(found.result_type, "complete");
    ASSERT_EQ(found.id, R"("\u00e9")");
  }
}

TEST(Scan, AgreesWithTheReaderOnRecordedSessions) {
  MessageReader reader;
  for (const char* name : {"everything", "filesystem", "modern"}) {
    for (const WireFrame& frame : wire_frames(name)) {
      const Message& m = reader.read(frame.text).messages.front();
      const Scanned found = scan(frame.text, 13);
      EXPECT_EQ(found.is_request(), m.shape == Shape::request) << frame.text;
      EXPECT_EQ(found.is_notification(), m.shape == Shape::notification);
      EXPECT_EQ(found.is_response(), m.shape == Shape::response);
      EXPECT_EQ(found.id, m.id);
      EXPECT_EQ(found.method, m.method);
      const Outcome outcome = outcome_of(m, "ping");
      EXPECT_EQ(found.is_error, outcome.is_error);
      EXPECT_EQ(found.result_type, outcome.result_type);
      EXPECT_EQ(found.error_code, outcome.rpc_error);
    }
  }
}

TEST(Scan, ALongMessageIsNotKept) {
  MessageScanner scanner;
  scanner.feed(R"({"id":1,"result":{"content":[{"type":"text","text":")");
  const std::string filler(1 << 20, 'x');
  for (int i = 0; i < 32; ++i) scanner.feed(filler);
  scanner.feed(R"("}],"isError":false}})");
  const Scanned& found = scanner.finish();
  EXPECT_TRUE(found.is_response());
  EXPECT_EQ(found.is_error, false);
}

}  // namespace
}  // namespace tally::mcp
