// SPDX-License-Identifier: Apache-2.0
#include "mcp/meta.h"

#include <gtest/gtest.h>

namespace tally::mcp {
namespace {

class MetaTest : public testing::Test {
 protected:
  Meta read(const std::string& text) {
    text_ = text;
    return read_meta(reader_.read(text_).messages.front(), scratch_);
  }
  std::string text_;
  MessageReader reader_;
  json::Document scratch_;
};

TEST_F(MetaTest, AStatelessRequest) {
  const Meta meta = read(
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":{)"
      R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
      R"("io.modelcontextprotocol/clientInfo":{"name":"ide","version":"2.1"},)"
      R"("progressToken":"t-1","traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}})");
  EXPECT_EQ(meta.protocol_version, "2026-07-28");
  EXPECT_EQ(meta.client, (Implementation{"ide", "2.1"}));
  EXPECT_EQ(meta.progress_token, "\"t-1\"");
  EXPECT_EQ(meta.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
}

TEST_F(MetaTest, AResult) {
  const Meta meta = read(R"({"jsonrpc":"2.0","id":1,"result":{"_meta":{)"
                         R"("io.modelcontextprotocol/serverInfo":{"name":"files"},)"
                         R"("io.modelcontextprotocol/related-task":{"taskId":"abc"}}}})");
  EXPECT_EQ(meta.server, (Implementation{"files", ""}));
  EXPECT_EQ(meta.related_task, "abc");
}

TEST_F(MetaTest, ASubscribedNotification) {
  const Meta meta = read(R"({"jsonrpc":"2.0","method":"notifications/resources/updated",)"
                         R"("params":{"_meta":{"io.modelcontextprotocol/subscriptionId":7}}})");
  EXPECT_EQ(meta.subscription_id, "7");
}

TEST_F(MetaTest, OddValuesAreNoMeta) {
  for (const char* params : {"{}", "[]", R"({"_meta":5})", R"({"_meta":{"progressToken":{}}})",
                             R"({"_meta":{"io.modelcontextprotocol/clientInfo":"x"}})",
                             R"({"_meta":{"io.modelcontextprotocol/protocolVersion":3}})"}) {
    const Meta meta =
        read(std::string(R"({"jsonrpc":"2.0","method":"a","params":)") + params + "}");
    EXPECT_FALSE(meta.protocol_version) << params;
    EXPECT_FALSE(meta.client) << params;
    EXPECT_EQ(meta.progress_token, "") << params;
  }
}

TEST_F(MetaTest, NamesAreCut) {
  const Meta meta = read(R"({"jsonrpc":"2.0","id":1,"result":{"_meta":{)"
                         R"("io.modelcontextprotocol/serverInfo":{"name":")" +
                         std::string(5000, 'n') + R"("}}}})");
  EXPECT_EQ(meta.server->name.size(), 256U);
}

TEST(Meta, TraceIds) {
  EXPECT_EQ(trace_id_of(""), "");
  EXPECT_EQ(trace_id_of("00-00000000000000000000000000000000-00f067aa0ba902b7-01"), "");
  EXPECT_EQ(trace_id_of("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"), "");
  EXPECT_EQ(trace_id_of("00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01"), "");
}

TEST(Meta, Implementations) {
  json::Document document;
  json::Document scratch;
  const std::string text = R"({"name":"a","version":"1","title":"A"})";
  EXPECT_EQ(read_implementation(*document.parse(text), scratch), (Implementation{"a", "1"}));
  const std::string other = R"({"title":"A"})";
  EXPECT_FALSE(read_implementation(*document.parse(other), scratch));
}

}  // namespace
}  // namespace tally::mcp
