// SPDX-License-Identifier: Apache-2.0
#include "record/target.h"

#include "record/harness.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

struct Case {
  const char* method;
  const char* params;
  const char* type;
  const char* id;
  const char* name;
};

class TargetTest : public testing::Test {
 protected:
  TargetTest() {
    context.set_server({"files", "1"});
    context.set_client({"ide", "1"});
  }
  Target target(const std::string& method, const std::string& params, mcp::Direction direction) {
    text = R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}";
    return target_of(context, reader.read(text).messages.front(), mcp::category_of(method),
                     direction, redactions);
  }
  FixedClock clock;
  CountingRandom random;
  UuidSource uuids{clock, random};
  redact::KeyedDigest digest{as_bytes("key")};
  Context context{Harness::default_options(), uuids, digest};
  std::string text;
  mcp::MessageReader reader;
  std::vector<event::Redaction> redactions;
};

TEST_F(TargetTest, OfWhatTheClientAsks) {
  const Case cases[] = {
      {"tools/call", R"({"name":"look"})", "tool", "files/look", "look"},
      {"tools/call", R"({"name":5})", "server", "files", "files"},
      {"prompts/get", R"({"name":"p"})", "prompt", "files/p", "p"},
      {"resources/read", R"({"uri":"file:///a"})", "resource", "files/file:///a", "file:///a"},
      {"resources/subscribe", R"({"uri":"a:b"})", "resource", "files/a:b", "a:b"},
      {"subscriptions/listen", "{}", "server", "files", "files"},
      {"completion/complete", R"({"ref":{"type":"ref/prompt","name":"p"}})", "prompt", "files/p",
       "p"},
      {"completion/complete", R"({"ref":{"type":"ref/resource","uri":"a:{x}"}})", "resource",
       "files/a:{x}", "a:{x}"},
      {"completion/complete", "{}", "server", "files", "files"},
      {"tools/list", "{}", "server", "files", "files"},
      {"ping", "[]", "server", "files", "files"},
      {"vendor/x", R"({"name":"n"})", "server", "files", "files"},
  };
  for (const Case& c : cases) {
    const Target t = target(c.method, c.params, mcp::Direction::c2s);
    EXPECT_EQ(t.type, c.type) << c.method << c.params;
    EXPECT_EQ(t.id, c.id) << c.method << c.params;
    EXPECT_EQ(t.name, c.name) << c.method << c.params;
  }
}

TEST_F(TargetTest, OfWhatTheServerAsksIsTheClient) {
  const Target t = target("sampling/createMessage", "{}", mcp::Direction::s2c);
  EXPECT_EQ(t.type, "client");
  EXPECT_EQ(t.id, "ide");
}

TEST_F(TargetTest, TasksByDigest) {
  const Target t = target("tasks/get", R"({"taskId":"t-9"})", mcp::Direction::c2s);
  EXPECT_EQ(t.type, "task");
  EXPECT_EQ(t.name, digest("t-9"));
  EXPECT_EQ(t.id, "files/" + digest("t-9"));
}

TEST_F(TargetTest, SecretsInUrisAreHashed) {
  const Target t = target("resources/read", R"({"uri":"https://h/x?access_token=sekrit&a=1"})",
                          mcp::Direction::c2s);
  EXPECT_EQ(t.name.find("sekrit"), std::string::npos);
  EXPECT_NE(t.name.find("a=1"), std::string::npos);
  EXPECT_FALSE(redactions.empty());
}

TEST_F(TargetTest, LongNamesAreCut) {
  const Target t =
      target("tools/call", R"({"name":")" + std::string(9000, 'n') + R"("})", mcp::Direction::c2s);
  EXPECT_LE(t.name.size(), 512U);
}

}  // namespace
}  // namespace tally::record
