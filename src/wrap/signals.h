// SPDX-License-Identifier: Apache-2.0
// Signals as events: blocked in every thread, read by one, and given back to the child as we got
// them.
#pragma once

#include "base/result.h"
#include "wrap/descriptor.h"

#include <array>
#include <optional>
#include <signal.h>
#include <sys/types.h>

namespace tally::wrap {

/// Signals that are for the server as much as for us.
inline constexpr std::array kForwardedSignals{SIGTERM, SIGINT,  SIGHUP,  SIGQUIT,
                                              SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT};

struct SignalEvent {
  int number = 0;
  /// Sent by the kernel: a terminal sends to the whole foreground group, so the server has it
  /// already.
  bool from_kernel = false;
  pid_t sender = 0;  ///< 0 when from_kernel
};

/// Blocks SIGCHLD and kForwardedSignals (those not ignored when we were started) in the calling
/// thread and so in every thread that it starts later; ignores SIGPIPE and SIGXFSZ. Make it
/// first thing in main(): a thread that is older would take the signals and die of them. One per
/// process, not thread-safe. The destructor restores mask and dispositions.
class SignalGate {
 public:
  SignalGate();
  ~SignalGate();
  SignalGate(const SignalGate&) = delete;
  SignalGate& operator=(const SignalGate&) = delete;

  /// Readable when next() has something.
  [[nodiscard]] int descriptor() const { return events_.get(); }
  /// The next pending signal, without waiting.
  [[nodiscard]] std::optional<SignalEvent> next();
  /// For the child between fork and exec (async-signal-safe): mask as inherited, SIGPIPE,
  /// SIGXFSZ and SIGCHLD too, everything else was not touched.
  void restore_in_child() const;
  /// Stops this process the way SIGTSTP would have if it were not blocked; returns when continued.
  void stop_self();

 private:
  sigset_t inherited_mask_{};
  struct sigaction inherited_pipe_ {};
  struct sigaction inherited_file_size_ {};
  struct sigaction inherited_child_ {};
  Descriptor events_;
};

}  // namespace tally::wrap
