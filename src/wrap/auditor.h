// SPDX-License-Identifier: Apache-2.0
// What the stdio wrapper tells whoever keeps the record, and what it asks: the relay knows bytes
// and processes, the auditor knows messages and the log. Neither includes the other's work.
#pragma once

#include "base/result.h"
#include "mcp/framer.h"
#include "mcp/types.h"
#include "storage/process_identity.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace tally::wrap {

/// The server process as it was started. Holds no values of the environment; `arguments` are as
/// given, secrets included: the auditor masks them.
struct ProcessInfo {
  std::vector<std::string> arguments;          ///< argv, command first
  std::vector<std::string> environment_names;  ///< sorted, each once
  std::string working_directory;               ///< empty when it cannot be told
  std::string program;    ///< file that is executed, absolute, links resolved; empty if not found
  pid_t pid = 0;          ///< of the server; 0 in start_failed()
  pid_t wrapper_pid = 0;  ///< our own
  pid_t wrapper_parent_pid = 0;      ///< of the client, as a rule
  uid_t uid = 0;                     ///< effective user
  std::string user_name;             ///< empty when the system knows no name for uid
  storage::ProcessIdentity wrapper;  ///< our own, for readers of the record
  mcp::Moment started;
};

/// SHA-256 of the program file, as it was when the server was started.
struct ProgramDigest {
  std::uint64_t bytes = 0;
  std::string sha256;  ///< lower-case hex; empty when it could not be had
  std::string error;   ///< why not
};

struct ExitInfo {
  std::optional<int> code;    ///< exited by itself
  std::optional<int> signal;  ///< or was ended by this signal
  bool core_dumped = false;
  bool killed_by_wrap = false;  ///< it did not end in time after the client had gone
  int exit_status = 0;          ///< what run_wrap() returns: code, or 128 + signal
  mcp::Moment ended;            ///< when the exit was seen; server frames may come later
};

/// What happens to a frame of the client.
struct Decision {
  bool forward = true;
  /// Only with forward = false: what the client gets instead, one complete line with its LF, or
  /// nothing.
  std::string reply;

  static Decision pass() { return {}; }
  static Decision refuse(std::string reply_line) { return {false, std::move(reply_line)}; }
};

/// Why a frame that was to be forwarded never reached the server in full.
enum class LostReason : std::uint8_t {
  client_gone,  ///< the client left while the frame was held or on its way; nothing of it was sent
  server_gone,  ///< the server closed its input or ended; a part of it may have been sent
};

/// Why the client's direction ended.
enum class ClientEnd : std::uint8_t {
  eof,          ///< the client closed its output; it may still listen
  vanished,     ///< nobody reads what the server says any more
  server_gone,  ///< the server closed its input or ended first
  read_error,
};

/// Why the server's direction ended.
enum class ServerEnd : std::uint8_t {
  eof,
  /// Given up: the server ended and something it left behind keeps its output open, or the client
  /// is gone and the server goes on talking (kUndeliveredBytesMax).
  abandoned,
  read_error,
};

/// A line longer than is inspected. It streams through; nobody holds it whole.
struct OversizeStart {
  /// The line so far, at least the inspection limit or all that memory allowed.
  std::string_view head;
  mcp::Moment seen;
};
struct OversizeEnd {
  std::uint64_t bytes = 0;  ///< of the whole line, LF included
  std::string sha256;       ///< of those bytes, lower-case hex
  bool ended = false;       ///< false: the stream ended first
  bool forwarded = true;    ///< false: refused or lost; the digest is of what was read all the same
  std::optional<LostReason> lost;  ///< why, when it was not refused
};

/// The other side of the wrapper. No function may throw.
///
/// Threads. Four may call, at the same time unless said otherwise: the *main* thread (the one in
/// run_wrap), the *client* thread and the *server* thread (one for each direction), and the
/// *digest* thread. Order: process_started() returns before any other call; process_exited() is
/// called once all other calls have returned, and is the last. Calls of one thread never overlap.
/// Views are valid during the call only. An implementation locks its own state and must not hold
/// that lock while client_frame() waits for a record, or the server's direction would wait too.
///
/// Cause before effect: a frame of the client is shown only after every server frame that the
/// client may have answered with it was shown, so a response, or a call of a tool just listed,
/// never comes before what caused it.
class Auditor {
 public:
  virtual ~Auditor() = default;

  /// Main thread. The server runs; nothing has been relayed yet. Should not wait.
  virtual void process_started(const ProcessInfo& info) = 0;
  /// Main thread, instead of process_started(); no other call follows. `exit_status` is 126 or 127.
  virtual void start_failed(const ProcessInfo& info, const Error& error, int exit_status) = 0;
  /// Digest thread, exactly once, some time after process_started(). Reading a large program takes
  /// longer than a server may be delayed. At the latest when the session ends, then without digest.
  virtual void program_hashed(const ProgramDigest& digest) = 0;

  /// Client thread. A line from the client, before any byte of it was forwarded; called in order.
  /// May hold it (by not returning) until its record is durable; meanwhile only this direction
  /// waits. A last line without LF (frame.ended false) is shown too, because a server may act on
  /// it.
  [[nodiscard]] virtual Decision client_frame(const mcp::Frame& frame, mcp::Moment seen) = 0;
  /// Client thread, right after client_frame() said forward and every byte was handed to the
  /// server. The server may have answered already.
  virtual void client_frame_forwarded() {}
  /// Client thread, right after client_frame() said forward, when that could not be done.
  virtual void client_frame_lost(const mcp::Frame& frame, LostReason reason) = 0;
  /// Client thread. As client_frame() for a line that is too long to be shown whole. When refused
  /// the rest is read and dropped.
  [[nodiscard]] virtual Decision client_oversize(const OversizeStart& start) = 0;
  /// Any thread but in practice main: the session is ending, so whoever waits in client_frame()
  /// should give up and refuse. May be called more than once.
  virtual void stop_holding() = 0;
  /// Client thread, its last call.
  virtual void client_closed(ClientEnd end) = 0;

  /// Server thread. A line from the server, after its bytes were forwarded. `delivered` is false
  /// once the client is gone. Should not wait: the bytes that follow are read when this returns.
  virtual void server_frame(const mcp::Frame& frame, mcp::Moment seen, bool delivered) = 0;
  /// Server thread.
  virtual void server_oversize(const OversizeStart& start) = 0;
  /// Server thread, its last call.
  virtual void server_closed(ServerEnd end) = 0;

  /// Client or server thread by `direction`: the bytes of an oversize line after its head, in
  /// order.
  virtual void oversize_bytes(mcp::Direction direction, std::string_view bytes) = 0;
  /// The same threads: the oversize line is at its end.
  virtual void oversize_end(mcp::Direction direction, const OversizeEnd& end) = 0;

  /// Main thread, about once a second, whether anything is relayed or not: for what is due by then.
  /// May wait some 20 ms.
  virtual void idle() {}

  /// Main thread, last call of all.
  virtual void process_exited(const ExitInfo& info) = 0;
};

}  // namespace tally::wrap
