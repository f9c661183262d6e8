// SPDX-License-Identifier: Apache-2.0
// tallystick config: what `serve` would be told, checked and shown without starting it.
#include "cli/command.h"
#include "cli/config_flags.h"
#include "cli/option_set.h"
#include "config/show.h"

namespace tally::cli {
namespace {

int check(Invocation& call, const ConfigFlags& flags) {
  const auto loaded = flags.load(call);
  if (!loaded) return refuse_lines(call, loaded.error());
  tell_warnings(call, loaded->warnings);
  const std::size_t proxies = loaded->config.proxies.size();
  call.console.print("fine: " + counted(proxies, "proxy", "proxies") + ", log in " +
                     loaded->config.log.directory + "\n");
  return kOk;
}

int show(Invocation& call, const ConfigFlags& flags, bool json) {
  const auto loaded = flags.load(call);
  if (!loaded) return refuse_lines(call, loaded.error());
  tell_warnings(call, loaded->warnings);
  call.console.print(json ? config::values_json(loaded->values) + "\n"
                          : config::values_text(loaded->values));
  return kOk;
}

}  // namespace

int config_command(Invocation& call) {
  ConfigFlags flags;
  bool json = false;
  std::vector<std::string> words;
  OptionSet options("config", "check|show|settings [FLAGS] [FILE]",
                    "check: reads the settings as serve does, from flags, environment and FILE, "
                    "and tells every\nmistake; status 2 if there is one. show: prints each value "
                    "and where it comes from, secrets\nhidden. settings: prints the table of all "
                    "settings in Markdown.");
  flags.declare(options);
  options.flag("--json", json, "show: print as JSON");
  options.words(words, 2);
  options.footer("Example: tallystick config check /etc/tallystick/tallystick.yaml");
  if (const auto ended = take_flags(options, call)) return *ended;
  const std::string what = words.empty() ? "" : words[0];
  if (words.size() == 2) {
    if (!flags.file.empty()) return call.refuse("--config: given beside FILE; name one");
    flags.file = words[1];
  }
  if (what == "check") return check(call, flags);
  if (what == "show") return show(call, flags, json);
  if (what == "settings") {
    call.console.print(config::settings_markdown());
    return kOk;
  }
  return call.refuse(
      "say config check, config show or config settings; see tallystick config --help");
}

}  // namespace tally::cli
