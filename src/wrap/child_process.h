// SPDX-License-Identifier: Apache-2.0
// The server process: started with nothing of ours in it, signalled, waited for.
#pragma once

#include "base/result.h"
#include "wrap/descriptor.h"

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace tally::wrap {

class SignalGate;

/// How a process ended, as wait() says it.
struct ExitStatus {
  std::optional<int> code;
  std::optional<int> signal;
  bool core_dumped = false;
  /// What a shell shows: the code, or 128 + signal.
  [[nodiscard]] int as_shell() const { return signal ? 128 + *signal : code.value_or(0); }
};

/// A child with pipes for its standard input and output. Only the thread that started it may use
/// it, and that thread must outlive it: the kernel kills the child when that thread ends
/// (PR_SET_PDEATHSIG). Move-only; the destructor does not wait.
class ChildProcess {
 public:
  /// Starts `program` (a path) with `arguments` (argv, at least one). Same process group,
  /// environment, directory, limits and standard error as ours; signals as `signals` found them; no
  /// descriptor above
  /// 2. A file that is no binary and has no #! line is given to /bin/sh, as execvp() does. Errors:
  /// permission_denied, not_found (the file or its interpreter), io.
  [[nodiscard]] static Result<ChildProcess> start(const std::string& program,
                                                  const std::vector<std::string>& arguments,
                                                  const SignalGate& signals);

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Sends a signal; nothing happens once the process was waited for.
  void signal(int number) const;
  /// Its status once it has ended, without waiting.
  [[nodiscard]] std::optional<ExitStatus> try_wait();

  /// Our non-blocking ends of its pipes. take_*() hands them to the thread that will use them.
  [[nodiscard]] Descriptor take_input() { return std::move(input_); }
  [[nodiscard]] Descriptor take_output() { return std::move(output_); }

 private:
  ChildProcess() = default;
  pid_t pid_ = 0;
  std::optional<ExitStatus> status_;
  Descriptor input_;
  Descriptor output_;
};

}  // namespace tally::wrap
