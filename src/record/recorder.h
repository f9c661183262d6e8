// SPDX-License-Identifier: Apache-2.0
// From messages to audit events: the rules of docs/events.md applied to one connection. No I/O.
#pragma once

#include "base/random.h"
#include "event/event.h"
#include "mcp/exchange_table.h"
#include "mcp/framer.h"
#include "mcp/types.h"
#include "policy/policy.h"
#include "record/earlier_definitions.h"
#include "record/gap.h"
#include "record/observation.h"
#include "redact/keyed_digest.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::record {

class ToolNames;

struct RecorderOptions {
  std::string instance;  ///< of the recording process, one UUID per start
  std::string source = "wrap";
  std::string transport = "stdio";
  std::string server_name;           ///< --name; empty: serverInfo, else derived from `command`
  std::vector<std::string> command;  ///< argv of the server, for a name
  Actor actor;
  std::string session_id;  ///< keyed digest; left out of messages of a stateless protocol
  policy::Policy policy;
  mcp::ExchangeLimits limits;
  std::size_t tool_principals_max = 1;  ///< of whom tool definitions are remembered
  bool looks_back = false;              ///< take_lookup() is asked for
  /// Names of tools of all upstreams of a process; may be null. Must outlive the recorder.
  ToolNames* tool_names = nullptr;
};

/// Records of one connection between one client and one server. Deterministic: time comes with each
/// call, ids from `uuids`. Not thread-safe; calls in the order in which things were seen. A call
/// costs some microseconds and never waits. Every message gives its records (contract 1); nothing
/// that was seen is dropped without one.
class Recorder {
 public:
  /// `uuids` and `digest` must outlive it.
  Recorder(RecorderOptions options, UuidSource& uuids, const redact::KeyedDigest& digest);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  /// One frame, before it is forwarded (c2s) or as soon as it was (s2c). A blank line gives
  /// nothing.
  [[nodiscard]] Observation on_frame(mcp::Direction direction, const mcp::Frame& frame,
                                     mcp::Moment seen);
  /// The frame of this observation was not passed on (its record could not be written, or its
  /// sender left while it was held): what it opened is closed as denied, reason not_forwarded.
  /// Write these instead of `after`.
  [[nodiscard]] std::vector<event::Event> not_forwarded(Observation observation, mcp::Moment when);

  /// A line too long to be inspected whole begins with `head`. The observation is that of a frame
  /// that cannot be parsed. One at a time for each direction.
  [[nodiscard]] Observation on_oversize_start(mcp::Direction direction, std::string_view head,
                                              mcp::Moment seen);
  /// The bytes after the head, in order; none of them is kept.
  void on_oversize_bytes(mcp::Direction direction, std::string_view bytes);
  /// Instead of the observation's `after`, and of not_forwarded() when it was refused.
  [[nodiscard]] std::vector<event::Event> on_oversize_end(mcp::Direction direction,
                                                          const OversizeEnd& end, mcp::Moment seen);

  /// The server runs. `program` may be absent (it takes time): then it is in the exit record if it
  /// was given to on_program_hashed().
  [[nodiscard]] event::Event on_process_start(const StartInfo& info,
                                              const std::optional<ProgramDigest>& program,
                                              mcp::Moment when);
  /// The server could not be started; `exit_status` is what our own process ends with.
  [[nodiscard]] event::Event on_start_failed(const StartInfo& info, std::string_view error,
                                             int exit_status, mcp::Moment when);
  void on_program_hashed(ProgramDigest program);
  /// Everything still open is closed as unknown, then the exit itself. The last call.
  [[nodiscard]] std::vector<event::Event> on_process_exit(const ExitInfo& info, mcp::Moment when);

  /// The client will answer nothing any more: what the server asked it is closed as unknown.
  [[nodiscard]] std::vector<event::Event> on_client_gone(mcp::Moment when);
  /// The server will answer nothing any more.
  [[nodiscard]] std::vector<event::Event> on_server_gone(mcp::Moment when);
  /// Closes what is too old or was cancelled long enough ago. To be called now and then (seconds).
  [[nodiscard]] std::vector<event::Event> on_tick(mcp::Moment now);

  /// When the first complete list of tools was just seen: what to look for in the log, once. The
  /// caller looks while the traffic goes on, and hands what it found to
  /// on_earlier_definitions(), whose records say what is not as it was then.
  [[nodiscard]] std::optional<DefinitionLookup> take_lookup();
  [[nodiscard]] std::vector<event::Event> on_earlier_definitions(const EarlierDefinitions& earlier,
                                                                 mcp::Moment when);

  /// The record of what is missing: from, to, how many by method. Empties the gap.
  [[nodiscard]] event::Event gap_event(Gap& gap, mcp::Moment now);

  /// Requests without an outcome.
  [[nodiscard]] std::size_t open_exchanges() const;

  class Impl;  // HttpRecorder has one too

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::record
