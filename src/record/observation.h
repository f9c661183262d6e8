// SPDX-License-Identifier: Apache-2.0
// What the recorder says about one message, and the facts about processes and streams that it is
// told.
#pragma once

#include "event/event.h"
#include "mcp/types.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tally::record {

/// What to do about one frame. Keep it until the frame was passed on: then write `after`; if the
/// frame is not passed on, give it to Recorder::not_forwarded() instead and write what that
/// returns.
struct Observation {
  std::vector<event::Event> before;  ///< initiated records
  std::vector<event::Event>
      after;  ///< records that nobody waits for, true once the frame was passed on
  /// `before` must be durable before a byte of the frame is forwarded. False with a `before` that
  /// is not empty: write it, do not wait, forward even if it cannot be written (and count it as
  /// missing).
  bool must_wait = false;
  /// What the sender of the frame gets if `before` could not be made durable: one complete line
  /// with its LF, or nothing. Does not say why.
  std::string refusal;
  /// It has to wait, and two readers could take it for different calls: over HTTP it is refused
  /// (400).
  bool two_readings = false;
  /// For not_forwarded(): the exchanges that this frame opened, and those that it cancelled.
  std::vector<std::uint64_t> opened, cancelled;
  mcp::Direction direction = mcp::Direction::c2s;
};

/// Who is on whose behalf: for `wrap` the user of the operating system.
struct Actor {
  std::string id;
  event::ActorType type = event::ActorType::user;
  event::ActorVerified verified = event::ActorVerified::yes;
};

/// The server process that was started. No values of the environment; `arguments` as given, they
/// are masked here.
struct StartInfo {
  std::vector<std::string> arguments;          ///< argv, command first
  std::vector<std::string> environment_names;  ///< sorted
  std::string working_directory;               ///< empty: not known
  std::string program;                         ///< file that runs; empty: not found
  std::int64_t pid = 0;                        ///< of the server; 0 when it did not start
  std::int64_t wrapper_pid = 0;
  std::int64_t wrapper_parent_pid = 0;
  std::string user_name;
  std::int64_t uid = -1;
  /// By which a reader tells later whether the recording process still lives: clock ticks from boot
  /// to its start, the boot, the namespace in which wrapper_pid counts, the host. Zero or empty:
  /// not known.
  std::uint64_t wrapper_start_ticks = 0;
  std::string boot_id;
  std::uint64_t pid_namespace = 0;
  std::string host;
};

/// SHA-256 of the program file.
struct ProgramDigest {
  std::uint64_t bytes = 0;
  std::string sha256;  ///< lower-case hex; empty: could not be had
  std::string error;   ///< why not
};

struct ExitInfo {
  std::optional<int> code;    ///< exited by itself
  std::optional<int> signal;  ///< or was ended by this signal
  bool core_dumped = false;
  bool killed_by_wrap = false;
  int exit_status = 0;  ///< what our own process ends with
};

/// A line that was too long to be inspected as a whole, at its end.
struct OversizeEnd {
  std::uint64_t bytes = 0;  ///< of the line, LF included
  std::string digest;       ///< of those bytes: "sha256:…", or keyed
  bool ended = true;        ///< false: the stream ended inside the line
  bool forwarded = true;    ///< false: refused, or lost on the way
  /// With forwarded = false: the server went away while it was being sent, so it may have got a
  /// part.
  bool maybe_forwarded = false;
  bool readable = true;    ///< false: what was found in it may not be what its receiver finds
  std::string facts = {};  ///< more members for details; empty: none
};

}  // namespace tally::record
