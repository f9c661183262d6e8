// SPDX-License-Identifier: Apache-2.0
#include "wrap/session_auditor.h"

#include "wrap/audit_fixture.h"

#include <algorithm>

namespace tally::wrap {
namespace {

class SessionAuditorTest : public test::AuditFixture {};

TEST_F(SessionAuditorTest, ACallThatMayChangeSomethingIsDurableBeforeItIsForwarded) {
  EXPECT_TRUE(from_client(call(1, "write_file")).forward);
  const auto events = committed();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].event_name, "mcp-tool-execution");
  EXPECT_EQ(events[0].status, event::Status::initiated);
  EXPECT_EQ(events[0].target_id, "files/write_file");
}

TEST_F(SessionAuditorTest, ADefinitionThatChangedBetweenSessionsIsAnEvent) {
  capture::DefinitionHistory history(fs_, "/log", system_clock());
  auditor_->set_history(&history);
  const auto serve = [](SessionAuditor& auditor, const std::string& description) {
    const std::string asked = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})"
                              "\n";
    const std::string told =
        R"({"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a","description":")" + description +
        "\"}]}}\n";
    const mcp::Moment now = mcp::moment_of(system_clock());
    EXPECT_TRUE(auditor.client_frame(frame(asked), now).forward);
    auditor.client_frame_forwarded();
    auditor.server_frame(frame(told), now, true);
  };
  // Of the session before.
  record::RecorderOptions before = options();
  before.instance = "before";
  record::Recorder recorder(before, uuids_, digest_);
  SessionAuditor auditor(log_, recorder, system_clock());
  serve(auditor, "benign");
  EXPECT_TRUE(log_.append_durable({sample()}, std::chrono::seconds{5}));
  serve(*auditor_, "EVIL");
  history.finish();
  EXPECT_TRUE(log_.close());
  const auto events = committed();
  const auto change = std::ranges::find(events, "mcp-tool-definition", &event::Event::event_name);
  ASSERT_NE(change, events.end());
  EXPECT_EQ(change->target_id, "files/a");
  EXPECT_EQ(change->instance, "instance-of-test");
  EXPECT_NE(change->new_values.find("EVIL"), std::string::npos);
  EXPECT_NE(change->details.find(R"("change":"changed")"), std::string::npos);
}

TEST_F(SessionAuditorTest, TheOutcomeFollowsUnderTheSameInteraction) {
  EXPECT_TRUE(from_client(call(1, "write_file")).forward);
  from_server(answer(1));
  EXPECT_TRUE(log_.close());
  const auto events = committed();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].status, event::Status::succeeded);
  EXPECT_EQ(events[1].interaction_id, events[0].interaction_id);
}

TEST_F(SessionAuditorTest, WithoutARecordTheCallIsRefusedAndSaidToBeNotForwarded) {
  fs_.set_capacity(fs_.total_bytes());
  const Decision refused = from_client(call(7, "write_file"));
  EXPECT_FALSE(refused.forward);
  EXPECT_NE(refused.reply.find("-32603"), std::string::npos) << refused.reply;
  EXPECT_NE(refused.reply.find("\"id\":7"), std::string::npos) << refused.reply;
  EXPECT_EQ(refused.reply.find("audit"), std::string::npos) << "the client must not learn why";
  fs_.set_capacity(std::uint64_t{1} << 30);
  EXPECT_TRUE(from_client(call(8, "write_file")).forward);
  EXPECT_TRUE(log_.close());
  const auto events = committed();
  const auto gaps = std::count_if(events.begin(), events.end(), [](const event::Event& event) {
    return event.event_name == "audit-gap";
  });
  EXPECT_EQ(gaps, 1) << "what is missing is itself a record";
}

TEST_F(SessionAuditorTest, AGapIsToldWhileNothingIsRelayed) {
  fs_.set_capacity(fs_.total_bytes());
  EXPECT_FALSE(from_client(call(7, "write_file")).forward);
  fs_.set_capacity(std::uint64_t{1} << 30);
  const MonoTime deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (log_.missing() > 0 && std::chrono::steady_clock::now() < deadline) auditor_->idle();
  const auto events = committed();
  EXPECT_TRUE(std::any_of(events.begin(), events.end(), [](const event::Event& event) {
    return event.event_name == "audit-gap";
  }));
}

TEST_F(SessionAuditorTest, AMessageThatChangesNothingPassesEvenWhenItCannotBeRecorded) {
  fs_.set_capacity(fs_.total_bytes());
  EXPECT_TRUE(from_client(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})").forward);
  from_server(R"({"jsonrpc":"2.0","id":1,"result":{"tools":[]}})");
  EXPECT_FALSE(log_.close()) << "records are missing and that is said";
}

TEST_F(SessionAuditorTest, ACallThatTheServerMayHaveSeenInPartIsUnknown) {
  const std::string bytes = call(1, "write_file") + "\n";
  const auto shown = frame(bytes);
  EXPECT_TRUE(auditor_->client_frame(shown, mcp::moment_of(system_clock())).forward);
  auditor_->client_frame_lost(shown, LostReason::server_gone);
  auditor_->server_closed(ServerEnd::eof);
  EXPECT_TRUE(log_.close());
  const auto events = committed();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].event_result, event::EventResult::unknown);
}

TEST_F(SessionAuditorTest, AFrameThatWasLostIsClosedAsNotForwarded) {
  const std::string bytes = call(1, "write_file") + "\n";
  const auto shown = frame(bytes);
  EXPECT_TRUE(auditor_->client_frame(shown, mcp::moment_of(system_clock())).forward);
  auditor_->client_frame_lost(shown, LostReason::client_gone);
  EXPECT_TRUE(log_.close());
  const auto events = committed();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].event_result, event::EventResult::denied);
  EXPECT_NE(events[1].details.find("not_forwarded"), std::string::npos) << events[1].details;
}

TEST_F(SessionAuditorTest, WhatIsOpenAtTheExitIsClosedAsUnknown) {
  ProcessInfo info;
  info.arguments = {"server"};
  info.started = mcp::moment_of(system_clock());
  auditor_->process_started(info);
  EXPECT_TRUE(from_client(call(1, "write_file")).forward);
  auditor_->server_closed(ServerEnd::eof);
  ExitInfo exit;
  exit.signal = 9;
  exit.exit_status = 137;
  exit.ended = mcp::moment_of(system_clock());
  auditor_->process_exited(exit);
  EXPECT_TRUE(log_.close());
  const auto events = committed();
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[0].event_name, "mcp-server-start");
  EXPECT_EQ(events[2].event_result, event::EventResult::unknown);
  EXPECT_EQ(events[3].event_name, "mcp-server-exit");
}

}  // namespace
}  // namespace tally::wrap
