// SPDX-License-Identifier: Apache-2.0
// A recorder and a log on a simulated disk, joined as `wrap` joins them.
#pragma once

#include "capture/log_fixture.h"
#include "wrap/session_auditor.h"

#include <memory>
#include <string>

namespace tally::wrap::test {

class AuditFixture : public capture::test::LogFixture {
 protected:
  AuditFixture() : LogFixture(options()) {
    auditor_ = std::make_unique<SessionAuditor>(log_, *recorder_, system_clock());
    gap_record_ = [this](record::Gap& gap) { return auditor_->gap_event(gap); };
  }
  static record::RecorderOptions options() {
    record::RecorderOptions out;
    out.server_name = "files";
    out.actor.id = "tester";
    out.looks_back = true;
    return out;
  }

  Decision from_client(const std::string& line) {
    const std::string bytes = line + "\n";
    const Decision decision = auditor_->client_frame(frame(bytes), mcp::moment_of(system_clock()));
    if (decision.forward) auditor_->client_frame_forwarded();
    return decision;
  }
  void from_server(const std::string& line) {
    const std::string bytes = line + "\n";
    auditor_->server_frame(frame(bytes), mcp::moment_of(system_clock()), true);
  }
  static mcp::Frame frame(std::string_view bytes) {
    mcp::Framer framer;
    framer.feed(bytes);
    return std::get<mcp::Frame>(framer.next());
  }

  static std::string call(int id, const std::string& tool) {
    return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
           R"(,"method":"tools/call","params":{"name":")" + tool +
           R"(","arguments":{"path":"/tmp/x"}}})";
  }
  static std::string answer(int id) {
    return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"result":{"content":[]}})";
  }

  std::unique_ptr<SessionAuditor> auditor_;
};

}  // namespace tally::wrap::test
