// SPDX-License-Identifier: Apache-2.0
#include "record/capability_check.h"

#include "base/limits.h"
#include "record/http_harness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::record {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

void shake_hands(Harness& h, std::string_view version, std::string_view client,
                 std::string_view server) {
  h.c2s(rpc("0", "initialize",
            R"({"protocolVersion":")" + std::string(version) + R"(","capabilities":)" +
                std::string(client) + R"(,"clientInfo":{"name":"ide","version":"1"}})"));
  h.s2c(answer("0", R"({"protocolVersion":")" + std::string(version) + R"(","capabilities":)" +
                        std::string(server) + R"(,"serverInfo":{"name":"files","version":"1"}})"));
  h.all.clear();
}

/// What of the capabilities was told as violation.
std::vector<std::string> told(const std::vector<Seen>& all) {
  std::vector<std::string> out;
  for (const Seen& s : all) {
    if (s.event.event_name == "mcp-protocol-violation") out.push_back(s.at("details.violations"));
  }
  return out;
}

std::string undeclared(const std::string& where) {
  return R"([{"kind":"undeclared_capability","where":")" + where + R"("}])";
}

TEST(CapabilityCheck, AServerThatAsksWhatTheClientCannot) {
  Harness h;
  shake_hands(h, "2025-11-25", R"({"elicitation":{}})", R"({"tools":{}})");
  h.s2c(rpc("1", "sampling/createMessage", R"({"messages":[],"maxTokens":1})"));
  EXPECT_THAT(told(h.all), ElementsAre(undeclared("client sampling")));
  h.c2s(R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}})");
  EXPECT_EQ(h.last().at("details.capability"), "undeclared");
  EXPECT_EQ(h.last().brief(), "sampling/createMessage failed/failure");
  h.all.clear();
  h.s2c(rpc("2", "elicitation/create", R"({"message":"?","requestedSchema":{}})"));
  h.c2s(answer("2", R"({"action":"decline"})"));
  EXPECT_THAT(told(h.all), IsEmpty());
  EXPECT_EQ(h.last().at("details.capability"), "declared");
  h.all.clear();
  h.s2c(rpc("3", "elicitation/create",
            R"({"mode":"url","message":"?","url":"https://id.example/a","elicitationId":"e"})"));
  h.s2c(rpc("4", "roots/list"));
  EXPECT_THAT(told(h.all),
              ElementsAre(undeclared("client elicitation.url"), undeclared("client roots")));
}

TEST(CapabilityCheck, AClientThatUsesWhatTheServerHasNot) {
  Harness h;
  shake_hands(h, "2025-06-18", "{}", R"({"tools":{}})");
  const std::pair<const char*, const char*> cases[] = {
      {"resources/list", "server resources"},
      {"prompts/get", "server prompts"},
      {"completion/complete", "server completions"},
      {"logging/setLevel", "server logging"},
      {"resources/subscribe", "server resources.subscribe"}};
  for (const auto& [method, capability] : cases) {
    h.all.clear();
    h.c2s(rpc("1", method));
    EXPECT_THAT(told(h.all), ElementsAre(undeclared(capability))) << method;
    h.s2c(R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}})");
    EXPECT_EQ(h.last().at("details.capability"), "undeclared") << method;
  }
  h.all.clear();
  h.c2s(rpc("2", "tools/list"));
  h.s2c(answer("2", R"({"tools":[]})"));
  EXPECT_THAT(told(h.all), IsEmpty());
  EXPECT_EQ(h.last().at("details.capability"), "");
}

TEST(CapabilityCheck, OneReportIsEnoughButEachRecordSaysIt) {
  Harness h;
  shake_hands(h, "2025-06-18", "{}", "{}");
  for (int i = 1; i <= 3; ++i) {
    h.c2s(rpc(std::to_string(i), "prompts/list"));
    h.s2c(answer(std::to_string(i), R"({"prompts":[]})"));
    EXPECT_EQ(h.last().at("details.capability"), "undeclared");
  }
  EXPECT_EQ(told(h.all).size(), 1U);
}

TEST(CapabilityCheck, NotificationsOfTheirSender) {
  Harness h;
  shake_hands(h, "2025-11-25", "{}", R"({"tools":{"listChanged":false},"resources":{}})");
  h.s2c(note("notifications/tools/list_changed"));
  h.s2c(R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info"}})");
  h.c2s(note("notifications/roots/list_changed"));
  EXPECT_THAT(told(h.all),
              ElementsAre(undeclared("server tools.listChanged"), undeclared("server logging"),
                          undeclared("client roots.listChanged")));
}

TEST(CapabilityCheck, TasksAndToolsInsideOfRequests) {
  Harness h;
  shake_hands(h, "2025-11-25", R"({"sampling":{}})", R"({"tools":{}})");
  h.c2s(rpc("1", "tools/call", R"({"name":"act","arguments":{},"task":{"ttl":1}})"));
  h.s2c(rpc("2", "sampling/createMessage", R"({"messages":[],"maxTokens":1,"tools":[]})"));
  EXPECT_THAT(told(h.all), ElementsAre(undeclared("server tasks.requests.tools.call"),
                                       undeclared("client sampling.tools")));
}

TEST(CapabilityCheck, NothingIsSaidWithoutTheHandshake) {
  Harness h;
  h.c2s(rpc("1", "tools/call", R"({"name":"act"})"));
  h.c2s(rpc("2", "prompts/list"));
  h.s2c(note("notifications/tools/list_changed"));
  EXPECT_THAT(told(h.all), IsEmpty());
  h.s2c(rpc("3", "sampling/createMessage"));
  h.c2s(answer("3"));
  EXPECT_THAT(told(h.all), IsEmpty());
  EXPECT_EQ(h.last().at("details.capability"), "not_known");
}

TEST(CapabilityCheck, AHandshakeThatFailedDeclaresNothing) {
  Harness h;
  h.c2s(rpc("0", "initialize", R"({"protocolVersion":"2025-06-18","capabilities":{}})"));
  h.s2c(R"({"jsonrpc":"2.0","id":0,"error":{"code":-32602,"message":"no"}})");
  h.all.clear();
  h.c2s(rpc("1", "prompts/list"));
  h.s2c(rpc("2", "roots/list"));
  EXPECT_THAT(told(h.all), IsEmpty());
}

TEST(CapabilityCheck, OverHttpASessionKeepsWhatWasDeclared) {
  HttpHarness h;
  h.call(rpc("0", "initialize", R"({"protocolVersion":"2025-06-18","capabilities":{}})"),
         answer("0", R"({"protocolVersion":"2025-06-18","capabilities":{"tools":{}}})"), {}, 200,
         {{"Mcp-Session-Id", "s1"}});
  h.all.clear();
  h.call(rpc("1", "prompts/list"), answer("1", R"({"prompts":[]})"), in_session("s1"));
  EXPECT_EQ(h.count("mcp-protocol-violation"), 1U);
  EXPECT_EQ(h.last().at("details.capability"), "undeclared");
  h.all.clear();
  // Of a session that began elsewhere nothing is known.
  h.call(rpc("1", "prompts/list"), answer("1", R"({"prompts":[]})"), in_session("s2"));
  EXPECT_EQ(h.count("mcp-protocol-violation"), 0U);
  EXPECT_EQ(h.last().at("details.capability"), "");
}

/// _meta of a 2026-07-28 request whose client can do this.
std::string modern_call(std::string_view capabilities) {
  return R"({"name":"act","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
         R"("io.modelcontextprotocol/clientCapabilities":)" +
         std::string(capabilities) + "}}";
}

TEST(CapabilityCheck, ResultsThatAskBackForWhatTheRequestDidNotOffer) {
  const std::string asks =
      R"({"resultType":"input_required","inputRequests":{)"
      R"("a":{"method":"elicitation/create","params":{"message":"?","requestedSchema":{}}},)"
      R"("b":{"method":"sampling/createMessage","params":{"messages":[],"maxTokens":1}},)"
      R"("c":{"method":"roots/list"}}})";
  Harness h;
  h.c2s(rpc("1", "tools/call", modern_call(R"({"elicitation":{}})")));
  h.s2c(answer("1", asks));
  EXPECT_THAT(told(h.all),
              ElementsAre(R"([{"kind":"undeclared_capability","where":"client sampling"},)"
                          R"({"kind":"undeclared_capability","where":"client roots"}])"));
  h.all.clear();
  h.c2s(rpc("2", "tools/call", modern_call(R"({"elicitation":{},"sampling":{},"roots":{}})")));
  h.s2c(answer("2", asks));
  EXPECT_THAT(told(h.all), IsEmpty());
  // A request that says nothing of its client, or more than is kept.
  h.c2s(rpc("3", "tools/call", R"({"name":"act",)" + std::string(kStateless) + "}"));
  h.s2c(answer("3", asks));
  const std::string long_one =
      R"({"experimental":{"x":")" + std::string(kClientCapabilitiesBytesMax, 'x') + R"("}})";
  h.c2s(rpc("4", "tools/call", modern_call(long_one)));
  h.s2c(answer("4", asks));
  EXPECT_THAT(told(h.all), IsEmpty());
}

TEST(CapabilityCheck, ATaskForAClientThatCannotFollowIt) {
  Harness h;
  const std::string task = R"({"resultType":"task","taskId":"t1","status":"working"})";
  h.c2s(rpc("1", "tools/call", modern_call("{}")));
  h.s2c(answer("1", task));
  EXPECT_THAT(told(h.all),
              ElementsAre(undeclared("client extensions io.modelcontextprotocol/tasks")));
  h.all.clear();
  h.c2s(rpc("2", "tools/call",
            modern_call(R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})")));
  h.s2c(answer("2", task));
  EXPECT_THAT(told(h.all), IsEmpty());
}

TEST(CapabilityCheck, InitializeInABatch) {
  Harness h;
  h.c2s("[" + rpc("0", "initialize", R"({"protocolVersion":"2025-03-26","capabilities":{}})") +
        "]");
  EXPECT_THAT(told(h.all), ElementsAre(R"([{"kind":"initialize_in_batch"}])"));
}

}  // namespace
}  // namespace tally::record
