// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include "base/json_writer.h"
#include "base/nearest.h"
#include "cli/command.h"
#include "storage/file_system.h"

#include <algorithm>
#include <array>
#include <signal.h>
#include <unistd.h>

namespace tally::cli {
namespace {

int help_command(Invocation& call);
int version_command(Invocation& call);

struct Command {
  std::string_view name;
  std::string_view summary;
  int (*run)(Invocation& call);
};

constexpr std::array kCommands{
    Command{"wrap", "audit an MCP server that speaks stdio", wrap_command},
    Command{"serve", "run the API, and a proxy in front of each MCP server over HTTP",
            serve_command},
    Command{"append", "append events from a file or standard input", append_command},
    Command{"tail", "show the newest entries, and new ones as they come", tail_command},
    Command{"query", "show the entries that an expression describes", query_command},
    Command{"export", "write entries as JSON, NDJSON, CSV or events of Backstage", export_command},
    Command{"index", "make the index of a log anew, or tell how it stands", index_command},
    Command{"verify", "check every entry, hash, signature and kept checkpoint", verify_command},
    Command{"checkpoint", "sign the log as it is now and print the signed note",
            checkpoint_command},
    Command{"prove", "make a proof for one entry, or that the log only grew", prove_command},
    Command{"check-proof", "check such a proof, without the log", check_proof_command},
    Command{"key", "show a log's key, or make keys for a new log", key_command},
    Command{"token", "make, list and revoke API tokens", token_command},
    Command{"policy", "check a policy, or explain which rule decides", policy_command},
    Command{"config", "check or show the settings of serve", config_command},
    Command{"doctor", "check an installation: settings, log, keys, disk, listeners",
            doctor_command},
    Command{"catalog", "print the catalogue of events", catalog_command},
    Command{"version", "print the version", version_command},
    Command{"help", "explain a command", help_command},
};

std::string overview() {
  std::string out =
      "tallystick: the audit log for the Model Context Protocol. Records what MCP clients and\n"
      "servers say, in a log in which nothing can be changed unnoticed.\n\n"
      "Usage: tallystick COMMAND [FLAGS] [ARGUMENTS]\n\n";
  for (const Command& command : kCommands) {
    out.append("  ").append(command.name).append(14 - command.name.size(), ' ');
    out.append(command.summary).append("\n");
  }
  return out +
         "\ntallystick COMMAND --help tells more. The log is in --log DIR, else $TALLYSTICK_LOG, "
         "else\n~/.local/state/tallystick/log. Status: 0 fine, 1 the check failed, 2 wrong usage "
         "or input.\n";
}

const Command* find_command(std::string_view name) {
  const auto at = std::ranges::find(kCommands, name, &Command::name);
  return at == kCommands.end() ? nullptr : &*at;
}

int refuse_unknown(Console& console, const std::string& word) {
  std::vector<std::string> names;
  for (const Command& command : kCommands) names.emplace_back(command.name);
  const std::string meant = nearest(word, names);
  console.error("", (word.starts_with('-') ? word + ": flags come behind the command"
                                           : word + ": no such command") +
                        "; " + (meant.empty() ? "" : "did you mean " + meant + "? ") +
                        "See tallystick help");
  return kUnusable;
}

int help_command(Invocation& call) {
  if (call.arguments.empty() || call.arguments[0].starts_with('-')) {
    call.console.print(overview());
    return kOk;
  }
  const Command* command = find_command(call.arguments[0]);
  if (command == nullptr) return refuse_unknown(call.console, call.arguments[0]);
  if (command->run == help_command) {
    call.console.print(overview());
    return kOk;
  }
  call.command = command->name;
  call.arguments = {"--help"};
  return command->run(call);
}

int version_command(Invocation& call) {
  const bool json = !call.arguments.empty() && call.arguments[0] == "--json";
  if (call.arguments.size() > (json ? 1 : 0)) {
    const bool help = call.arguments[0] == "--help" || call.arguments[0] == "-h";
    if (!help) return call.refuse("takes no argument but --json");
    call.console.print("Usage: tallystick version [--json]\n");
    return kOk;
  }
  call.console.print(json ? "{\"version\":\"" TALLY_VERSION "\",\"log_format\":1}\n"
                          : "tallystick " TALLY_VERSION "\n");
  return kOk;
}

}  // namespace

int run(const std::vector<std::string>& words) {
  fill_standard_descriptors();
  const log::Environment environment = log::process_environment();
  Console console(STDOUT_FILENO, STDERR_FILENO, environment);
  if (words.empty()) {
    console.note(overview());
    return kUnusable;
  }
  std::string name = words[0];
  if (name == "--version" || name == "-V") name = "version";
  if (name == "--help" || name == "-h") name = "help";
  const Command* command = find_command(name);
  if (command == nullptr) return refuse_unknown(console, words[0]);
  // A reader that goes away ends the output, not the work, and a file size limit is an error of the
  // write; `wrap` has its own rules, because its server gets them as they were.
  if (command->run != wrap_command) {
    for (const int number : {SIGPIPE, SIGXFSZ}) ::signal(number, SIG_IGN);
  }
  Invocation call{command->name,  {words.begin() + 1, words.end()},
                  console,        storage::posix_file_system(),
                  system_clock(), system_random(),
                  environment};
  const int status = command->run(call);
  return console.finish(command->name, status);
}

}  // namespace tally::cli
