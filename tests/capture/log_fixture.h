// SPDX-License-Identifier: Apache-2.0
// An AuditLog on a simulated disk.
#pragma once

#include "capture/audit_log.h"
#include "event/catalog.h"
#include "event/codec.h"
#include "log/create.h"
#include "log/reader.h"
#include "log/writer.h"
#include "record/recorder.h"
#include "redact/keyed_digest.h"
#include "storage/simulated_file_system.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace tally::capture::test {

class LogFixture : public ::testing::Test {
 protected:
  /// `options` of the recorder; the instance is given here.
  explicit LogFixture(record::RecorderOptions options = {}) {
    const auto environment = [](const std::string& name) {
      return name == "HOME" ? std::optional<std::string>("/home-of-test") : std::nullopt;
    };
    auto opened = log::open_or_create(fs_, "/log", {}, false, environment, system_random());
    EXPECT_TRUE(opened) << opened.error().detail;
    keys_ = std::make_shared<const log::Keys>(std::move(opened->keys));
    options.instance = "instance-of-test";
    recorder_ = std::make_unique<record::Recorder>(std::move(options), uuids_, digest_);
    auto writer = log::Writer::open(fs_, "/log", keys_, system_clock(), log_.writer_options());
    EXPECT_TRUE(writer) << writer.error().detail;
    log_.start(std::move(*writer), [this](record::Gap& gap) { return gap_record_(gap); });
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

  event::Event sample(const std::string& name = "mcp-ping") {
    event::Event out;
    event::apply(*event::find_event(name), out);
    out.timestamp = system_clock().now();
    out.event_id = uuids_.next();
    return out;
  }

  storage::SimulatedFileSystem fs_;
  std::shared_ptr<const log::Keys> keys_;
  UuidSource uuids_{system_clock(), system_random()};
  redact::KeyedDigest digest_{as_bytes("key-of-test")};
  std::unique_ptr<record::Recorder> recorder_;
  AuditLog::GapRecord gap_record_ = [this](record::Gap& gap) {
    return recorder_->gap_event(gap, mcp::moment_of(system_clock()));
  };
  AuditLog log_;
};

}  // namespace tally::capture::test
