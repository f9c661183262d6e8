// SPDX-License-Identifier: Apache-2.0
#include "wrap/recording_auditor.h"

#include "wrap/pipes.h"

#include <algorithm>
#include <utility>

namespace tally::wrap::test {
namespace {

constexpr std::size_t kShown = 60;

std::string shown(const mcp::Frame& frame) {
  return std::to_string(frame.bytes.size()) + (frame.ended ? " " : " cut ") +
         std::string(frame.text.substr(0, kShown));
}

std::string reason_name(LostReason reason) {
  return reason == LostReason::client_gone ? "client_gone" : "server_gone";
}

std::string end_name(ClientEnd end) {
  switch (end) {
    case ClientEnd::eof: return "eof";
    case ClientEnd::vanished: return "vanished";
    case ClientEnd::server_gone: return "server_gone";
    case ClientEnd::read_error: return "read_error";
  }
  return "?";
}

std::string end_name(ServerEnd end) {
  switch (end) {
    case ServerEnd::eof: return "eof";
    case ServerEnd::abandoned: return "abandoned";
    case ServerEnd::read_error: return "read_error";
  }
  return "?";
}

std::string number_or_dash(const std::optional<int>& number) {
  return number ? std::to_string(*number) : "-";
}

}  // namespace

void RecordingAuditor::note(std::string line) {
  const std::lock_guard lock(mutex_);
  if (sink_) sink_(line + "\n");
  lines_.push_back(std::move(line));
  changed_.notify_all();
}

std::vector<std::string> RecordingAuditor::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

bool RecordingAuditor::wait_for_line(std::string_view start) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] {
    return std::any_of(lines_.begin(), lines_.end(),
                       [&](const std::string& line) { return line.starts_with(start); });
  });
}

std::size_t RecordingAuditor::count(std::string_view start) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(lines_.begin(), lines_.end(),
                    [&](const std::string& line) { return line.starts_with(start); }));
}

void RecordingAuditor::release() {
  const std::lock_guard lock(mutex_);
  ++releases_;
  changed_.notify_all();
}

Decision RecordingAuditor::decide(std::string_view text) {
  if (text.find("HOLD") != std::string_view::npos) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return releases_ > 0 || stop_holding_; });
    if (stop_holding_) return Decision::refuse({});
    --releases_;
  }
  if (text.find("REFUSE") != std::string_view::npos) {
    return Decision::refuse("{\"refused\":\"" + std::string(text.substr(0, kShown)) + "\"}\n");
  }
  if (text.find("DROP") != std::string_view::npos) return Decision::refuse({});
  return Decision::pass();
}

void RecordingAuditor::process_started(const ProcessInfo& info) {
  std::string line = "started " + info.program + " pid " + std::to_string(info.pid);
  for (const std::string& argument : info.arguments) line += " [" + argument + "]";
  note(line);
}

void RecordingAuditor::start_failed(const ProcessInfo& info, const Error& error, int exit_status) {
  note("start_failed " + std::to_string(exit_status) + " [" + info.arguments.at(0) + "] " +
       error.detail);
}

void RecordingAuditor::program_hashed(const ProgramDigest& digest) {
  note("hashed " + std::to_string(digest.bytes) + " " + digest.sha256 + digest.error);
}

Decision RecordingAuditor::client_frame(const mcp::Frame& frame, mcp::Moment) {
  note("c2s " + shown(frame));
  if (frame.text.find("IDLE") != std::string_view::npos) {
    const std::lock_guard lock(mutex_);
    tell_idle_ = true;
  }
  return decide(frame.text);
}

void RecordingAuditor::idle() {
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(tell_idle_, false)) return;
  }
  note("idle");
}

void RecordingAuditor::client_frame_forwarded() {
  const std::lock_guard lock(mutex_);
  ++forwarded_;
}

int RecordingAuditor::forwarded() const {
  const std::lock_guard lock(mutex_);
  return forwarded_;
}

void RecordingAuditor::client_frame_lost(const mcp::Frame& frame, LostReason reason) {
  note("lost " + reason_name(reason) + " " + shown(frame));
}

Decision RecordingAuditor::client_oversize(const OversizeStart& start) {
  note("c2s_oversize " + std::to_string(start.head.size()));
  return decide(start.head.substr(0, kShown));
}

void RecordingAuditor::stop_holding() {
  note("stop_holding");
  const std::lock_guard lock(mutex_);
  stop_holding_ = true;
  changed_.notify_all();
}

void RecordingAuditor::client_closed(ClientEnd end) { note("client_closed " + end_name(end)); }

void RecordingAuditor::server_frame(const mcp::Frame& frame, mcp::Moment, bool delivered) {
  note((delivered ? "s2c " : "undelivered ") + shown(frame));
}

void RecordingAuditor::server_oversize(const OversizeStart& start) {
  note("s2c_oversize " + std::to_string(start.head.size()));
}

void RecordingAuditor::server_closed(ServerEnd end) { note("server_closed " + end_name(end)); }

void RecordingAuditor::oversize_bytes(mcp::Direction direction, std::string_view bytes) {
  note("oversize_bytes " + std::string(mcp::direction_name(direction)) + " " +
       std::to_string(bytes.size()));
}

void RecordingAuditor::oversize_end(mcp::Direction direction, const OversizeEnd& end) {
  note("oversize_end " + std::string(mcp::direction_name(direction)) + " " +
       std::to_string(end.bytes) + " " + end.sha256 + (end.ended ? " ended" : " cut") +
       (end.forwarded ? " forwarded" : " kept") + (end.lost ? " " + reason_name(*end.lost) : ""));
}

void RecordingAuditor::process_exited(const ExitInfo& info) {
  note("exited code " + number_or_dash(info.code) + " signal " + number_or_dash(info.signal) +
       " status " + std::to_string(info.exit_status) + (info.killed_by_wrap ? " killed" : ""));
}

}  // namespace tally::wrap::test
