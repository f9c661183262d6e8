// SPDX-License-Identifier: Apache-2.0
#include "record/exchange_record.h"

#include "mcp/message.h"
#include "record/harness.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

class ExchangeRecordTest : public testing::Test {
 protected:
  mcp::Exchange exchange() {
    mcp::Exchange e;
    e.id = "1";
    e.method = "tools/call";
    e.started = now;
    e.interaction_id = "i-1";
    auto carried = std::make_unique<Carried>();
    carried->category = mcp::Category::call;
    carried->target = {"tool", "s/t", "t"};
    carried->payload = R"("arguments":{"a":1})";
    carried->redactions = {{"details.arguments.b", "key:pin", "mask"}};
    e.attachment = std::move(carried);
    return e;
  }
  FixedClock clock;
  CountingRandom random;
  UuidSource uuids{clock, random};
  redact::KeyedDigest digest{as_bytes("key")};
  Context context{Harness::default_options(), uuids, digest};
  mcp::Moment now = mcp::moment_of(clock);
};

TEST_F(ExchangeRecordTest, BothStagesCarryTheArguments) {
  const mcp::Exchange e = exchange();
  event::Event initiated;
  initiated_record(initiated, context, e);
  const Seen first(initiated);
  EXPECT_EQ(first.brief(), "tools/call initiated/pending");
  EXPECT_EQ(first.at("details.arguments"), R"({"a":1})");
  EXPECT_EQ(first.at("duration_ms"), "");
  EXPECT_TRUE(first.says("key:pin"));
  clock.since += std::chrono::microseconds{1500};
  const Seen last(closed_record(context, e, event::EventResult::unknown, "process_exit",
                                mcp::moment_of(clock)));
  EXPECT_EQ(last.at("details.arguments"), R"({"a":1})");
  EXPECT_EQ(last.at("duration_ms"), "1.5");
  EXPECT_EQ(last.at("details.outcome"), R"({"reason":"process_exit"})");
  EXPECT_EQ(last.at("interaction_id"), "i-1");
}

TEST_F(ExchangeRecordTest, TheCourseOfAnExchange) {
  mcp::Exchange e = exchange();
  e.progress = 4;
  e.cancelled = now;
  e.ambiguous = true;
  e.flow_id = "f-1";
  const Seen s(closed_record(context, e, event::EventResult::denied, "not_forwarded", now));
  EXPECT_EQ(s.at("details.progress_notifications"), "4");
  EXPECT_EQ(s.at("details.cancelled"), "true");
  EXPECT_EQ(s.at("details.ambiguous_id"), "true");
  EXPECT_EQ(s.at("flow_id"), "f-1");
}

TEST_F(ExchangeRecordTest, ACompletedRecordSaysWhatCameOfTheCall) {
  mcp::Exchange e = exchange();
  mcp::MessageReader reader;
  const auto& parsed =
      reader.read(R"({"jsonrpc":"2.0","id":1,"error":{"code":-5,"message":"no such file"}})");
  mcp::Outcome outcome;
  outcome.kind = mcp::OutcomeKind::failure;
  outcome.rpc_error = "-5";
  ResponseParts parts;
  parts.flow_id = "f-1";
  parts.members.raw("extra", "7");
  parts.redactions = {{"details.result", "key:pin", "mask"}};
  clock.since += std::chrono::microseconds{2500};
  event::Event made;
  completed_record(made, context, e, parsed.messages.at(0), outcome, std::move(parts),
                   mcp::moment_of(clock));
  const Seen s(made);
  EXPECT_EQ(s.brief(), "tools/call failed/failure");
  EXPECT_EQ(s.at("interaction_id"), "i-1");
  EXPECT_EQ(s.at("flow_id"), "f-1");
  EXPECT_EQ(s.at("target_id"), "s/t");
  EXPECT_EQ(s.at("duration_ms"), "2.5");
  EXPECT_EQ(s.at("error_message"), "no such file");
  EXPECT_EQ(s.at("details.arguments"), R"({"a":1})");
  EXPECT_EQ(s.at("details.outcome.rpc_error"), "-5");
  EXPECT_EQ(s.at("details.extra"), "7");
  EXPECT_TRUE(s.says("details.arguments.b"));
  EXPECT_TRUE(s.says("details.result")) << "redactions of request and response";
}

TEST_F(ExchangeRecordTest, ACompletedRecordOfMetadataSaysNoErrorText) {
  mcp::Exchange e = exchange();
  auto carried = std::make_unique<Carried>();
  carried->category = mcp::Category::call;
  carried->target = {"tool", "s/t", "t"};
  carried->level = policy::Level::metadata;
  e.attachment = std::move(carried);
  mcp::MessageReader reader;
  const auto& parsed =
      reader.read(R"({"jsonrpc":"2.0","id":1,"error":{"code":-5,"message":"of Jane Doe"}})");
  mcp::Outcome outcome;
  outcome.kind = mcp::OutcomeKind::failure;
  event::Event made;
  completed_record(made, context, e, parsed.messages.at(0), outcome, {}, now);
  const Seen s(made);
  EXPECT_EQ(s.brief(), "tools/call failed/failure");
  EXPECT_FALSE(s.says("Jane Doe"));
  EXPECT_EQ(s.at("details.arguments"), "");
}

TEST_F(ExchangeRecordTest, OutcomesAsJson) {
  mcp::Outcome outcome;
  EXPECT_EQ(outcome_json(outcome), R"({"rpc_error":null,"is_error":null})");
  outcome.rpc_error = "-5";
  outcome.is_error = false;
  outcome.result_type = "complete";
  EXPECT_EQ(outcome_json(outcome), R"({"rpc_error":-5,"is_error":false,"result_type":"complete"})");
  mcp::Outcome task;
  task.task_status = "cancelled";
  task.kind = mcp::OutcomeKind::cancelled;
  EXPECT_EQ(outcome_json(task),
            R"({"rpc_error":null,"is_error":null,"task_status":"cancelled","reason":"cancelled"})");
}

TEST_F(ExchangeRecordTest, ResultsOfOutcomes) {
  const auto result = [](mcp::OutcomeKind kind) {
    mcp::Outcome outcome;
    outcome.kind = kind;
    return result_of(outcome);
  };
  EXPECT_EQ(result(mcp::OutcomeKind::success), event::EventResult::success);
  EXPECT_EQ(result(mcp::OutcomeKind::failure), event::EventResult::failure);
  EXPECT_EQ(result(mcp::OutcomeKind::error), event::EventResult::error);
  EXPECT_EQ(result(mcp::OutcomeKind::task_created), event::EventResult::deferred);
  EXPECT_EQ(result(mcp::OutcomeKind::input_required), event::EventResult::deferred);
  EXPECT_EQ(result(mcp::OutcomeKind::cancelled), event::EventResult::unknown);
}

}  // namespace
}  // namespace tally::record
