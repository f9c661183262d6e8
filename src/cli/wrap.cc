// SPDX-License-Identifier: Apache-2.0
// tallystick wrap: from a command line to a recorded session.
#include "cli/command.h"
#include "cli/log_access.h"
#include "cli/option_set.h"
#include "cli/settings.h"
#include "wrap/audit_session.h"
#include "wrap/signals.h"

#include <algorithm>

namespace tally::cli {
namespace {

struct Flags {
  LogFlags log;
  std::string name;
};

OptionSet options_of(Flags& flags) {
  OptionSet options("wrap", "[FLAGS] -- COMMAND [ARG...]",
                    "Starts COMMAND, a Model Context Protocol server that speaks stdio, and "
                    "records what client and\nserver say. The bytes pass unchanged. A call that "
                    "may change something reaches the server only\nonce its record is on disk. "
                    "Ends with the server's status; 126 or 127 when it cannot be started,\n2 when "
                    "the log cannot be written: the server is not started then.");
  flags.log.declare(options);
  flags.log.declare_keys(options);
  options.text("--name", flags.name, "NAME",
               "name of the server in the records; default: what it\ncalls itself");
  flags.log.declare_creation(options);
  flags.log.declare_writing(options);
  options.footer("Example: tallystick wrap -- npx -y @modelcontextprotocol/server-filesystem .");
  return options;
}

/// Everything from the command on is the command's, whatever it looks like.
struct Split {
  std::vector<std::string> flags;
  std::vector<std::string> command;
};
Split split_at_command(const std::vector<std::string>& arguments) {
  const auto dashes = std::ranges::find(arguments, "--");
  return {{arguments.begin(), dashes},
          dashes == arguments.end() ? std::vector<std::string>()
                                    : std::vector<std::string>(dashes + 1, arguments.end())};
}

Result<wrap::AuditedWrapOptions> session_options(Invocation& call, const Flags& flags,
                                                 std::vector<std::string> command) {
  TALLY_TRY(const WriteSettings settings, write_settings(call.environment));
  TALLY_TRY(Creation creation, creation_of(flags.log, settings));
  wrap::AuditedWrapOptions options;
  TALLY_TRY(options.log_directory, log_directory(flags.log, call.environment));
  options.create = std::move(creation.options);
  options.hash_given = creation.hash_given;
  options.writer.batch_entries = settings.batch_entries;
  options.writer.flush_interval = settings.flush_interval;
  options.name = flags.name;
  options.command = std::move(command);
  options.enabled = settings.enabled;
  options.environment = call.environment;
  return options;
}

}  // namespace

int wrap_command(Invocation& call) {
  wrap::SignalGate signals;  // before any thread
  Split split = split_at_command(call.arguments);
  Flags flags;
  OptionSet options = options_of(flags);
  const auto parsed = options.parse(split.flags);
  if (!parsed) {
    return call.refuse(parsed.error().detail +
                       (split.command.empty() ? "; the server's command stands behind --" : ""));
  }
  if (!*parsed) {
    call.console.print(options.help());
    return kOk;
  }
  if (split.command.empty() || split.command.front().empty()) {
    return call.refuse("COMMAND: missing; write tallystick wrap -- COMMAND [ARG...]");
  }
  const auto session = session_options(call, flags, std::move(split.command));
  if (!session) return call.refuse(session.error());
  const auto there = log::read_log_info(call.fs, log::Layout(session->log_directory));
  if (!there && there.error().code == Errc::not_found) {
    call.console.note("tallystick: making a new log in " + session->log_directory);
  }
  return wrap::run_audited_wrap(*session, signals);
}

}  // namespace tally::cli
