// SPDX-License-Identifier: Apache-2.0
// Lines that nobody holds: size, digest, and the right outcome all the same.
#include "record/harness.h"
#include "record/recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::record {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto kToServer = mcp::Direction::c2s;
constexpr auto kToClient = mcp::Direction::s2c;

class RecorderOversize : public testing::Test {
 protected:
  /// Passes `text` as one oversize line; the head is its first ten bytes.
  Observation pass(mcp::Direction direction, std::string_view text, bool forwarded = true,
                   bool ended = true) {
    Observation o = h.recorder.on_oversize_start(direction, text.substr(0, 10), h.now());
    h.add(o.before);
    for (std::size_t i = 10; i < text.size(); i += 7) {
      h.recorder.on_oversize_bytes(direction, text.substr(i, 7));
    }
    h.wait(std::chrono::milliseconds{2});
    h.add(h.recorder.on_oversize_end(direction,
                                     {.bytes = text.size() + 1,
                                      .digest = "sha256:" + std::string(64, 'd'),
                                      .ended = ended,
                                      .forwarded = forwarded},
                                     h.now()));
    return o;
  }
  Harness h;
};

TEST_F(RecorderOversize, ALongCallIsHeldAndPairs) {
  const Observation o = pass(
      kToServer,
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"act","arguments":{}}})");
  EXPECT_TRUE(o.must_wait);
  EXPECT_NE(o.refusal.find("-32603"), std::string::npos);
  EXPECT_THAT(h.all_briefs(), ElementsAre("mcp-unparsed initiated/pending"));
  h.s2c(R"({"jsonrpc":"2.0","id":1,"result":{"content":[],"isError":true}})");
  EXPECT_EQ(h.last().brief(), "tools/call failed/failure");
  EXPECT_EQ(h.last().at("interaction_id"), h.all[0].at("interaction_id"));
  EXPECT_EQ(h.last().at("target_name"), "act");
  EXPECT_EQ(h.last().at("details.arguments_digest.digest"), "sha256:" + std::string(64, 'd'));
}

TEST_F(RecorderOversize, ALongStateOfATaskThatFailed) {
  h.c2s(R"({"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"taskId":"t"}})");
  pass(kToClient,
       R"({"jsonrpc":"2.0","id":1,"result":{"status":"completed","result":{"isError":true}}})");
  EXPECT_EQ(h.last().brief(), "tasks/get failed/failure");
  EXPECT_EQ(h.last().at("details.outcome.task_status"), "completed");
}

TEST_F(RecorderOversize, ARefusedOne) {
  pass(kToServer, R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"act"}})",
       false);
  EXPECT_THAT(h.all_briefs(),
              ElementsAre("mcp-unparsed initiated/pending", "tools/call failed/denied"));
  EXPECT_EQ(h.recorder.open_exchanges(), 0U);
  h.all.clear();
  pass(kToServer, "{\"jsonrpc\" garbage without end", false, false);
  EXPECT_THAT(h.all_briefs(),
              ElementsAre("mcp-unparsed initiated/pending", "mcp-unparsed failed/denied"));
  EXPECT_EQ(h.last().at("details.outcome.reason"), "not_forwarded");
}

TEST_F(RecorderOversize, OneThatTheServerMayHaveGotAPartOf) {
  for (const std::string_view text :
       {R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"act"}})",
        R"({"jsonrpc" garbage without end)"}) {
    h.add(h.recorder.on_oversize_start(kToServer, text, h.now()).before);
    h.add(h.recorder.on_oversize_end(
        kToServer, {.bytes = 9, .digest = "x", .forwarded = false, .maybe_forwarded = true},
        h.now()));
    EXPECT_TRUE(h.last().brief().ends_with(" failed/unknown")) << h.last().brief();
    EXPECT_EQ(h.last().at("details.outcome.reason"), "server_gone");
  }
  EXPECT_EQ(h.recorder.open_exchanges(), 0U);
}

TEST_F(RecorderOversize, ALongResultHasItsOutcome) {
  h.c2s(R"({"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"a:b"}})");
  EXPECT_FALSE(pass(kToClient, R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"x"}})")
                   .must_wait);
  EXPECT_THAT(h.all_briefs(), ElementsAre("resources/read failed/error"));
  EXPECT_EQ(h.last().at("details.result.bytes"), "63");
  EXPECT_EQ(h.last().at("details.oversize"), "true");
}

TEST_F(RecorderOversize, ABatchHasARecordForEachElement) {
  pass(kToServer, R"([{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"act"}},)"
                  R"({"jsonrpc":"2.0","method":"notifications/x"},)"
                  R"({"jsonrpc":"2.0","id":2,"method":"ping"}])");
  EXPECT_THAT(h.all_briefs(),
              ElementsAre("mcp-unparsed initiated/pending", "mcp-unparsed succeeded/success"));
  EXPECT_EQ(h.all[0].at("interaction_id"), h.all[1].at("interaction_id"));
  EXPECT_EQ(h.last().at("details.batch.size"), "3");
  EXPECT_EQ(h.recorder.open_exchanges(), 2U);
  h.all.clear();
  pass(kToClient, R"([{"jsonrpc":"2.0","id":2,"result":{}},)"
                  R"({"jsonrpc":"2.0","id":1,"result":{"isError":true}}])");
  EXPECT_THAT(h.all_briefs(), ElementsAre("ping succeeded/success", "tools/call failed/failure"));
  EXPECT_EQ(h.last().at("details.batch.index"), "0");
  EXPECT_EQ(h.last().at("details.batch.size"), "3");
  EXPECT_EQ(h.last().at("details.result_batch.index"), "1");
  EXPECT_EQ(h.last().at("details.result.bytes"), "90");
}

TEST_F(RecorderOversize, ARefusedBatch) {
  pass(kToServer, R"([{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"act"}}])",
       false);
  EXPECT_THAT(h.all_briefs(),
              ElementsAre("mcp-unparsed initiated/pending", "mcp-unparsed failed/denied",
                          "tools/call failed/denied"));
  EXPECT_EQ(h.recorder.open_exchanges(), 0U);
}

TEST_F(RecorderOversize, ABatchThatIsCutOffOrAnswersNothing) {
  pass(kToServer, R"([{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"act"}})",
       true, false);
  EXPECT_EQ(h.last().brief(), "mcp-unparsed succeeded/success");
  EXPECT_EQ(h.last().at("details.cut_off"), "true");
  EXPECT_EQ(h.recorder.open_exchanges(), 0U);
  h.all.clear();
  pass(kToClient, R"([{"jsonrpc":"2.0","id":1,"result":{}},7])");
  EXPECT_THAT(h.all_briefs(), ElementsAre("mcp-unparsed succeeded/success"));
  EXPECT_EQ(h.last().at("details.batch.size"), "2");
}

TEST_F(RecorderOversize, WhatPairsWithNothing) {
  pass(kToClient, R"({"jsonrpc":"2.0","id":7,"result":{"content":[]}})");
  EXPECT_THAT(h.all_briefs(), ElementsAre("mcp-unparsed succeeded/success"));
  EXPECT_EQ(h.last().at("details.reason"), "oversize");
  EXPECT_EQ(h.last().at("details.jsonrpc_id"), "7");
  h.all.clear();
  pass(kToClient, R"({"jsonrpc":"2.0","method":"notifications/message","params":{}})");
  EXPECT_EQ(h.last().at("details.method"), "notifications/message");
}

TEST_F(RecorderOversize, BothDirectionsAtTheSameTime) {
  (void)h.recorder.on_oversize_start(kToServer, "{\"id\":1,", h.now());
  (void)h.recorder.on_oversize_start(kToClient, "{\"id\":2,", h.now());
  h.recorder.on_oversize_bytes(kToClient, "\"method\":\"ping\"}");
  h.recorder.on_oversize_bytes(kToServer, "\"method\":\"ping\"}");
  EXPECT_THAT(h.recorder.on_oversize_end(kToServer, {.bytes = 1, .digest = "x"}, h.now()),
              IsEmpty());
  EXPECT_THAT(h.recorder.on_oversize_end(kToClient, {.bytes = 1, .digest = "x"}, h.now()),
              IsEmpty());
  EXPECT_EQ(h.recorder.open_exchanges(), 2U);
}

}  // namespace
}  // namespace tally::record
