// SPDX-License-Identifier: Apache-2.0
// The main thread of a session: waits for signals, for the server's exit and for both directions,
// and makes sure that all of it ends.
#pragma once

#include "wrap/child_process.h"
#include "wrap/relay_state.h"
#include "wrap/signals.h"

#include <cstdint>
#include <optional>

namespace tally::wrap {

/// Runs while the two relay threads do. Uses descriptor 1 to see whether the client still reads and
/// lets it go when the server's output has ended.
class Supervisor {
 public:
  Supervisor(RelayState& state, ChildProcess& child, SignalGate& signals)
      : state_(state), child_(child), signals_(signals) {}

  /// Returns once the server has ended and both directions are done; their threads can be joined.
  /// Everything of ExitInfo is set.
  [[nodiscard]] ExitInfo run();

 private:
  /// What is done next to a server that outlives its client.
  enum class Patience : std::uint8_t { unlimited, until_term, until_kill, over };

  [[nodiscard]] bool finished() const { return ended_ && client_done_ && server_done_; }
  void wait_for_something();
  void on_signals();
  void on_signal(const SignalEvent& event);
  void on_exit();
  void on_client_gone();
  void on_server_done();
  void on_deadline();
  void stop_client();
  [[nodiscard]] int poll_timeout() const;
  void on_idle();

  RelayState& state_;
  ChildProcess& child_;
  SignalGate& signals_;
  std::optional<mcp::Moment> ended_;
  ExitStatus status_;
  bool client_done_ = false;
  bool server_done_ = false;
  bool told_to_end_ = false;  // a signal that ends processes came
  bool killed_ = false;
  Patience patience_ = Patience::unlimited;
  std::optional<MonoTime> deadline_;
  MonoTime next_idle_{};
};

}  // namespace tally::wrap
