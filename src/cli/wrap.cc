// SPDX-License-Identifier: Apache-2.0
// tallystick wrap: from a command line to a recorded session.
#include "cli/command.h"
#include "cli/config_flags.h"
#include "cli/log_access.h"
#include "cli/option_set.h"
#include "config/load.h"
#include "wrap/audit_session.h"
#include "wrap/signals.h"

#include <algorithm>

namespace tally::cli {
namespace {

struct Flags {
  LogFlags log;
  std::string name, config, policy, spool;

  [[nodiscard]] config::FlagValues values() const {
    config::FlagValues out;
    const auto add = [&out](const char* flag, const std::string& value) {
      if (!value.empty()) out[flag] = {value};
    };
    add("--log", log.directory);
    add("--keys", log.keys);
    add("--hash", log.hash);
    add("--policy", policy);
    add("--spool", spool);
    if (log.single_writer) out["--single-writer"] = {"true"};
    return out;
  }
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
  options.text("--config", flags.config, "FILE",
               "settings in YAML, as of serve; default $TALLYSTICK_CONFIG");
  options.text("--policy", flags.policy, "FILE", "rules of what is recorded and what is blocked");
  options.text(
      "--spool", flags.spool, "DIR",
      "where records wait that the log cannot take, on another\nfile system; else they are "
      "only counted");
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
  const config::Sources sources{flags.values(), flags.config, call.environment, variable_names(),
                                false};
  TALLY_TRY(config::Loaded loaded, config::load_serve_config(call.fs, sources));
  tell_warnings(call, loaded.warnings);
  const config::LogConfig& log = loaded.config.log;
  TALLY_TRY(Creation creation, creation_of(flags.log, log));
  wrap::AuditedWrapOptions options;
  options.log_directory = log.directory;
  options.create = std::move(creation.options);
  options.create.keys_path = log.keys;
  options.create.single_writer = log.single_writer;
  options.hash_given = creation.hash_given;
  options.writer.batch_entries = log.batch_size;
  options.writer.flush_interval = log.flush_interval;
  options.writer.segment_bytes = log.segment_bytes;
  options.write_timeout = loaded.config.write_timeout;
  options.policy = *loaded.config.policy;
  options.spool_directory = loaded.config.spool.directory;
  options.spool_bytes = loaded.config.spool.bytes_max;
  options.name = flags.name;
  options.command = std::move(command);
  options.enabled = log.enabled;
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
  if (!session) return refuse_lines(call, session.error());
  const auto there = log::read_log_info(call.fs, log::Layout(session->log_directory));
  if (!there && there.error().code == Errc::not_found) {
    call.console.note("tallystick: making a new log in " + session->log_directory);
  }
  return wrap::run_audited_wrap(*session, signals);
}

}  // namespace tally::cli
