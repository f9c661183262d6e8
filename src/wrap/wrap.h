// SPDX-License-Identifier: Apache-2.0
// The stdio wrapper as one call: start the server, relay until both sides are done, report its end.
#pragma once

#include "base/clock.h"
#include "wrap/auditor.h"
#include "wrap/signals.h"

#include <string>
#include <vector>

namespace tally::wrap {

struct WrapOptions {
  std::vector<std::string> command;  ///< argv of the server; at least one element
  const Clock* clock = &system_clock();
};

/// Exit statuses when the server could not be started, as a shell gives them.
inline constexpr int kExitNotFound = 127;
inline constexpr int kExitNotExecutable = 126;

/// Runs the server with our standard input and output relayed byte for byte, and standard error,
/// environment, working directory and limits inherited. Returns the exit status that the process
/// should have: the server's, 128 + signal, or 126/127 with a message on standard error.
///
/// To be called once, on the thread that lives longest (the server is killed by the kernel when
/// this thread ends). `signals` must have been made before any thread of the process. Descriptors 0
/// and 1 are taken over: when it returns they are what the other side left of them. Nothing is ever
/// written to standard output but the server's bytes and the auditor's replies.
int run_wrap(const WrapOptions& options, SignalGate& signals, Auditor& auditor);

}  // namespace tally::wrap
