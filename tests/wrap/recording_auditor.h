// SPDX-License-Identifier: Apache-2.0
// An auditor for tests: writes down every call as one line of text, refuses and holds on request.
#pragma once

#include "wrap/auditor.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tally::wrap::test {

/// Lines: "started …", "c2s <bytes> <text>", "lost <reason> <text>", "s2c <bytes> <text>", "closed
/// …". A frame whose text contains REFUSE is refused with `{"refused":"<text>"}`; one with DROP
/// without a reply; one with HOLD waits for release() or stop_holding(), and is refused by the
/// latter. Thread-safe.
class RecordingAuditor : public Auditor {
 public:
  /// `sink` gets every line too, with its LF, while the lock is held.
  explicit RecordingAuditor(std::function<void(const std::string&)> sink = {})
      : sink_(std::move(sink)) {}

  [[nodiscard]] std::vector<std::string> lines() const;
  /// Waits until a line starts with `start`; false at the deadline.
  [[nodiscard]] bool wait_for_line(std::string_view start) const;
  [[nodiscard]] std::size_t count(std::string_view start) const;
  /// How many frames of the client went to the server.
  [[nodiscard]] int forwarded() const;
  /// Lets one held frame go on.
  void release();

  void process_started(const ProcessInfo& info) override;
  void start_failed(const ProcessInfo& info, const Error& error, int exit_status) override;
  void program_hashed(const ProgramDigest& digest) override;
  Decision client_frame(const mcp::Frame& frame, mcp::Moment seen) override;
  void client_frame_forwarded() override;
  void client_frame_lost(const mcp::Frame& frame, LostReason reason) override;
  Decision client_oversize(const OversizeStart& start) override;
  void stop_holding() override;
  void client_closed(ClientEnd end) override;
  void server_frame(const mcp::Frame& frame, mcp::Moment seen, bool delivered) override;
  void server_oversize(const OversizeStart& start) override;
  void server_closed(ServerEnd end) override;
  void oversize_bytes(mcp::Direction direction, std::string_view bytes) override;
  void oversize_end(mcp::Direction direction, const OversizeEnd& end) override;
  /// "idle", once, after a frame of the client that holds IDLE.
  void idle() override;
  void process_exited(const ExitInfo& info) override;

 private:
  void note(std::string line);
  [[nodiscard]] Decision decide(std::string_view text);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::string> lines_;
  std::function<void(const std::string&)> sink_;
  bool tell_idle_ = false;
  int releases_ = 0;
  int forwarded_ = 0;
  bool stop_holding_ = false;
};

}  // namespace tally::wrap::test
