// SPDX-License-Identifier: Apache-2.0
#include "wrap/wrap.h"

#include "base/check.h"
#include "base/limits.h"
#include "wrap/child_process.h"
#include "wrap/client_relay.h"
#include "wrap/process_info.h"
#include "wrap/program_digest.h"
#include "wrap/program_search.h"
#include "wrap/server_relay.h"
#include "wrap/supervisor.h"

#include <cstdlib>
#include <malloc.h>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>

namespace tally::wrap {
namespace {

/// glibc raises its threshold for separate mappings whenever a large block is freed, and then keeps
/// what large lines needed for ever. A fixed one gives it back.
void keep_heap_small() {
  ::mallopt(M_MMAP_THRESHOLD, static_cast<int>(256 * kKiB));
  ::mallopt(M_TRIM_THRESHOLD, static_cast<int>(256 * kKiB));
}

void tell_operator(const std::string& text) {
  const std::string line = "tallystick: " + text + "\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

std::optional<std::string_view> search_path() {
  const char* path = std::getenv("PATH");
  if (path == nullptr) return std::nullopt;
  return path;
}

int not_started(const WrapOptions& options, const std::string& program, const Error& error,
                Auditor& auditor) {
  const int status = error.code == Errc::not_found ? kExitNotFound : kExitNotExecutable;
  tell_operator("cannot start the server: " + error.detail);
  ProcessInfo info = describe_process(options.command, program);
  info.started = mcp::moment_of(*options.clock);
  auditor.start_failed(info, error, status);
  return status;
}

ExitInfo relay_session(RelayState& state, ChildProcess& child, SignalGate& signals) {
  ClientRelay client(state, STDIN_FILENO, child.take_input());
  ServerRelay server(state, child.take_output());
  std::thread client_thread([&client] { client.run(); });
  std::thread server_thread([&server] { server.run(); });
  const ExitInfo info = Supervisor(state, child, signals).run();
  client_thread.join();
  server_thread.join();
  return info;
}

}  // namespace

int run_wrap(const WrapOptions& options, SignalGate& signals, Auditor& auditor) {
  TALLY_CHECK(!options.command.empty());
  keep_heap_small();
  const auto program = find_program(options.command.front(), search_path());
  if (!program) return not_started(options, {}, program.error(), auditor);
  ProgramFile file(*program);
  auto child = ChildProcess::start(*program, options.command, signals);
  if (!child) return not_started(options, *program, child.error(), auditor);

  const mcp::Moment started = mcp::moment_of(*options.clock);
  ProcessInfo info = describe_process(options.command, *program);
  info.pid = child->pid();
  info.started = started;
  auditor.process_started(info);

  ExitInfo exit;
  {
    const DigestThread digest(std::move(file), auditor);
    RelayState state(*options.clock, auditor, STDOUT_FILENO);
    exit = relay_session(state, *child, signals);
  }
  auditor.process_exited(exit);
  return exit.exit_status;
}

}  // namespace tally::wrap
