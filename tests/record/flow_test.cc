// SPDX-License-Identifier: Apache-2.0
#include "record/flow.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

class FlowTest : public testing::Test {
 protected:
  const mcp::Message& message(std::string t) {
    text = std::move(t);
    return reader.read(text).messages.front();
  }
  std::string text;
  mcp::MessageReader reader;
  redact::KeyedDigest digest{as_bytes("key")};
  mcp::FlowTable flows;
};

mcp::Exchange exchange(mcp::Category category) {
  mcp::Exchange e;
  e.interaction_id = "first";
  auto carried = std::make_unique<Carried>();
  carried->category = category;
  e.attachment = std::move(carried);
  return e;
}

TEST_F(FlowTest, ATaskLeadsToTheCallThatMadeIt) {
  Members members;
  EXPECT_EQ(defer(flows, digest, exchange(mcp::Category::call),
                  message(R"({"jsonrpc":"2.0","id":1,"result":{"task":{"taskId":"t"}}})"), members),
            "first");
  EXPECT_EQ(members.object(), R"({"task":")" + digest("t") + R"("})");
  EXPECT_EQ(
      flow_of(flows, digest,
              message(R"({"jsonrpc":"2.0","id":2,"method":"tasks/get","params":{"taskId":"t"}})"),
              mcp::Category::task, {}),
      "first");
  mcp::Meta related;
  related.related_task = "t";
  EXPECT_EQ(flow_of(flows, digest, message(R"({"jsonrpc":"2.0","method":"x"})"),
                    mcp::Category::unknown, related),
            "first");
  EXPECT_EQ(
      flow_of(flows, digest, message(R"({"jsonrpc":"2.0","method":"x","params":{"taskId":"t"}})"),
              mcp::Category::unknown, {}),
      "");
}

TEST_F(FlowTest, AChainKeepsItsFirstId) {
  mcp::Exchange second = exchange(mcp::Category::call);
  second.flow_id = "earlier";
  Members members;
  EXPECT_EQ(
      defer(
          flows, digest, second,
          message(
              R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","requestState":"s"}})"),
          members),
      "earlier");
  EXPECT_EQ(
      flow_of(
          flows, digest,
          message(
              R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"requestState":"s"}})"),
          mcp::Category::call, {}),
      "earlier");
}

TEST_F(FlowTest, TheSameCallHasTheSameKey) {
  const std::string a = retry_key(
      digest, message(R"({"method":"tools/call","params":{"name":"x","arguments":{"a":1}}})"));
  const std::string b = retry_key(
      digest,
      message(
          R"({"method":"tools/call","params":{"inputResponses":{},"arguments":{"a":1},"name":"x"}})"));
  const std::string c = retry_key(
      digest, message(R"({"method":"tools/call","params":{"name":"x","arguments":{"a":2}}})"));
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
}

}  // namespace
}  // namespace tally::record
