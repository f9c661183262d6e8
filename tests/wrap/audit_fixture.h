// SPDX-License-Identifier: Apache-2.0
// A recorder and a log on a simulated disk, joined as `wrap` joins them.
#pragma once

#include "capture/audit_log.h"
#include "event/codec.h"
#include "log/create.h"
#include "log/reader.h"
#include "log/writer.h"
#include "record/recorder.h"
#include "redact/keyed_digest.h"
#include "storage/simulated_file_system.h"
#include "wrap/session_auditor.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace tally::wrap::test {

class AuditFixture : public ::testing::Test {
 protected:
  AuditFixture() {
    const auto environment = [](const std::string& name) {
      return name == "HOME" ? std::optional<std::string>("/home-of-test") : std::nullopt;
    };
    auto opened = log::open_or_create(fs_, "/log", {}, false, environment, system_random());
    EXPECT_TRUE(opened) << opened.error().detail;
    keys_ = std::make_shared<const log::Keys>(std::move(opened->keys));
    record::RecorderOptions options;
    options.instance = "instance-of-test";
    options.server_name = "files";
    options.actor.id = "tester";
    recorder_ = std::make_unique<record::Recorder>(std::move(options), uuids_, digest_);
    auditor_ = std::make_unique<SessionAuditor>(log_, *recorder_, system_clock());
    auto writer = log::Writer::open(fs_, "/log", keys_, system_clock(), log_.writer_options());
    EXPECT_TRUE(writer) << writer.error().detail;
    log_.start(std::move(*writer), [this](record::Gap& gap) { return auditor_->gap_event(gap); });
  }

  /// What is committed now, oldest first.
  std::vector<event::Event> committed() {
    std::vector<event::Event> out;
    auto reader = log::Reader::open(fs_, "/log");
    const auto head = reader->head();
    const auto done = reader->scan(*head, LeafIndex{0}, [&](LeafIndex, std::string_view line) {
      out.push_back(event::decode(line)->event);
      return true;
    });
    EXPECT_TRUE(done);
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

  storage::SimulatedFileSystem fs_;
  std::shared_ptr<const log::Keys> keys_;
  UuidSource uuids_{system_clock(), system_random()};
  redact::KeyedDigest digest_{as_bytes("key-of-test")};
  capture::AuditLog log_;
  std::unique_ptr<record::Recorder> recorder_;
  std::unique_ptr<SessionAuditor> auditor_;
};

}  // namespace tally::wrap::test
