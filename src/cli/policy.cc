// SPDX-License-Identifier: Apache-2.0
// tallystick policy: whether a policy says what was meant, before it is in force.
#include "policy/policy.h"

#include "base/json_writer.h"
#include "base/limits.h"
#include "cli/command.h"
#include "cli/config_flags.h"
#include "cli/option_set.h"
#include "config/audited_paths.h"
#include "config/load.h"
#include "policy/explain.h"
#include "policy/policy_file.h"
#include "rest/path_explain.h"
#include "storage/file_system.h"

namespace tally::cli {
namespace {

struct Flags {
  std::string policy, method, tool, server, actor, direction, path, config;
  bool read_only = false, ambiguous = false, unparsed = false, json = false;
  std::vector<std::string> words;
};

OptionSet options_of(Flags& flags) {
  OptionSet options("policy", "check FILE | explain [FLAGS]",
                    "check: tells every mistake of a policy file with its line, and what is "
                    "allowed but hardly\nmeant. explain: says which rule decides about a message, "
                    "and why none before it does.");
  options.text("--policy", flags.policy, "FILE",
               "explain: the policy; default $TALLYSTICK_POLICY, else the\nbuilt-in rules");
  options.text("--method", flags.method, "METHOD", "such as tools/call");
  options.text("--tool", flags.tool, "NAME", "of a tools/call");
  options.text("--server", flags.server, "NAME", "of the server, as records name it");
  options.text("--actor", flags.actor, "ID", "who sends it");
  options.text("--direction", flags.direction, "c2s|s2c",
               "from the client to the server (default), or from the server");
  options.flag("--read-only", flags.read_only, "the tool's definition says readOnlyHint");
  options.flag("--ambiguous", flags.ambiguous, "two readers could disagree about what it asks for");
  options.flag("--unparsed", flags.unparsed, "it is no JSON-RPC message that can be read");
  options.text("--path", flags.path, "PATH",
               "of an HTTP request that is not MCP: explains the table of audited\npaths; --method "
               "is then that of HTTP, default GET");
  options.text("--config", flags.config, "FILE",
               "with --path: the settings of serve, and --server the name of\nthe proxy; default: "
               "the built-in rows");
  options.flag("--json", flags.json, "print as JSON");
  options.words(flags.words, 2);
  options.footer(
      "Examples: tallystick policy explain --policy policy.yaml --method tools/call --tool deploy\n"
      "          tallystick policy explain --method DELETE --path /admin/tools/7");
  return options;
}

int check(Invocation& call, const Flags& flags) {
  if (flags.words.size() != 2) return call.refuse("FILE: missing; write policy check FILE");
  const std::string& file = flags.words[1];
  const auto text = storage::read_file(call.fs, file, kConfigFileBytesMax);
  if (!text) return call.refuse(text.error());
  const auto read = policy::check_policy(*text, file);
  if (!read) return call.refuse(read.error());
  std::size_t errors = 0;
  std::string json;
  for (const yaml::Problem& problem : read->problems) {
    const bool error = problem.severity == yaml::Severity::error;
    if (error) ++errors;
    if (!flags.json) {
      call.console.error(call.command, yaml::format(file, problem));
      continue;
    }
    if (!json.empty()) json += ',';
    json::ObjectWriter one(json);
    one.string("severity", error ? "error" : "warning");
    one.number("line", problem.mark.line);
    one.number("column", problem.mark.column);
    one.string("text", problem.text);
    one.end();
  }
  if (flags.json) {
    call.console.print("{\"ok\":" + std::string(errors == 0 ? "true" : "false") +
                       ",\"rules\":" + std::to_string(read->options.rules.size()) +
                       ",\"problems\":[" + json + "]}\n");
  } else if (errors == 0) {
    call.console.print("fine: " + counted(read->options.rules.size(), "rule", "rules") +
                       " before the built-in ones\n");
  }
  return errors == 0 ? kOk : kUnusable;
}

Result<policy::Policy> policy_of(Invocation& call, const Flags& flags) {
  std::string file = flags.policy;
  if (file.empty()) file = call.environment("TALLYSTICK_POLICY").value_or("");
  if (file.empty()) return policy::Policy();
  TALLY_TRY(const std::string text, storage::read_file(call.fs, file, kConfigFileBytesMax));
  return policy::parse_policy(text, file);
}

Result<policy::Interaction> interaction_of(const Flags& flags) {
  if (flags.words.size() > 1) {
    return fail(Errc::invalid_argument, "\"" + flags.words[1] +
                                            "\": unexpected; the policy is "
                                            "named by --policy FILE");
  }
  policy::Interaction out;
  if (!flags.direction.empty() && flags.direction != "c2s" && flags.direction != "s2c") {
    return fail(Errc::invalid_argument, "--direction: must be c2s or s2c");
  }
  if (flags.direction == "s2c") out.direction = mcp::Direction::s2c;
  if (flags.unparsed != flags.method.empty()) {
    return fail(Errc::invalid_argument,
                flags.unparsed ? "--method: what cannot be read has none; leave it out"
                               : "--method: missing; write for example --method tools/call");
  }
  if (!flags.tool.empty() && flags.method != "tools/call") {
    return fail(Errc::invalid_argument, "--tool: only --method tools/call has one");
  }
  out.method = flags.method;
  out.tool = flags.tool;
  out.server = flags.server;
  out.actor = flags.actor;
  out.hinted_read_only = flags.read_only;
  out.ambiguous = flags.ambiguous;
  out.unparsed = flags.unparsed;
  return out;
}

/// The proxy whose table is meant: that of the settings, else one without any.
Result<config::ProxyConfig> proxy_of(Invocation& call, const Flags& flags) {
  if (flags.config.empty()) return config::ProxyConfig{};
  config::Sources sources;
  sources.file = flags.config;
  sources.environment = call.environment;
  sources.check_files = false;
  TALLY_TRY(const config::Loaded loaded, config::load_serve_config(call.fs, sources));
  const auto& proxies = loaded.config.proxies;
  if (flags.server.empty() && proxies.size() == 1) return proxies.front();
  for (const config::ProxyConfig& proxy : proxies) {
    if (!flags.server.empty() && proxy.name == flags.server) return proxy;
  }
  return fail(Errc::invalid_argument,
              flags.config + ": " +
                  (flags.server.empty() ? "has not exactly one proxy; name it by --server NAME"
                                        : "has no proxy named \"" + flags.server + '"'));
}

int explain_path(Invocation& call, const Flags& flags) {
  if (!flags.path.starts_with('/')) {
    return call.refuse("--path: must be a path such as /admin/tools/7");
  }
  const bool of_message = !flags.tool.empty() || !flags.direction.empty() || !flags.actor.empty() ||
                          !flags.policy.empty() || flags.read_only || flags.ambiguous ||
                          flags.unparsed || flags.words.size() > 1;
  if (of_message) {
    return call.refuse("--path: goes with --method, --config, --server and --json alone");
  }
  const auto proxy = proxy_of(call, flags);
  if (!proxy) return refuse_lines(call, proxy.error());
  const auto table = rest::PathTable::make(config::audited_paths(*proxy));
  if (!table) return refuse_lines(call, table.error());
  const std::string path = flags.path.substr(0, flags.path.find_first_of("?#"));
  const std::string method = flags.method.empty() ? "GET" : flags.method;
  const rest::PathQuestion question{method, path, proxy->mcp_paths};
  call.console.print(flags.json ? rest::path_explanation_json(*table, question) + "\n"
                                : rest::path_explanation_text(*table, question));
  return kOk;
}

int explain(Invocation& call, const Flags& flags) {
  if (!flags.path.empty()) return explain_path(call, flags);
  if (!flags.config.empty()) {
    return call.refuse("--config: explains paths; write --path PATH too, or --policy FILE");
  }
  const auto interaction = interaction_of(flags);
  if (!interaction) return call.refuse(interaction.error());
  const auto policy = policy_of(call, flags);
  if (!policy) return refuse_lines(call, policy.error());
  const policy::Explanation explanation = policy::explain(*policy, *interaction);
  call.console.print(flags.json ? policy::explanation_json(explanation) + "\n"
                                : policy::explanation_text(explanation));
  return kOk;
}

}  // namespace

int policy_command(Invocation& call) {
  Flags flags;
  OptionSet options = options_of(flags);
  if (const auto ended = take_flags(options, call)) return *ended;
  const std::string what = flags.words.empty() ? "" : flags.words.front();
  if (what == "check") return check(call, flags);
  if (what == "explain") return explain(call, flags);
  return call.refuse("say policy check FILE or policy explain; see tallystick policy --help");
}

}  // namespace tally::cli
