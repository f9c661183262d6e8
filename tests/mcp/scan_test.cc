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

TEST(Scan, EmptyContainersAndNullResults) {
  EXPECT_TRUE(scan(R"({"id":1,"result":null})").is_response());
  EXPECT_TRUE(scan(R"({"id":1,"result":[]})").is_response());
  EXPECT_TRUE(scan(R"({"id":1,"result":{}})").is_response());
  EXPECT_TRUE(scan(R"({"id":1,"x":[[],{},[1,{"a":[]}]],"result":[]})").is_response());
}

TEST(Scan, WhatIsBroken) {
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{"), std::string(R"({"id":1,"method":"a")"),
        std::string(R"({"id":1,"method":"a"}x)"), std::string(R"({"id":1 "method":"a"})"),
        std::string("{\"a\":") + std::string(300, '[') + std::string(300, ']') + "}"}) {
    EXPECT_TRUE(scan(text).broken) << text;
  }
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
