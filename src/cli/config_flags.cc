// SPDX-License-Identifier: Apache-2.0
#include "cli/config_flags.h"

#include "config/setting.h"

#include <algorithm>
#include <unistd.h>

namespace tally::cli {
namespace {

/// What stands beside the column of flags.
constexpr std::size_t kHelpWidth = 62;

}  // namespace

std::string help_lines(std::string_view sentence) {
  std::string out;
  std::size_t column = 0;
  while (!sentence.empty()) {
    const std::size_t end = std::min(sentence.find(' '), sentence.size());
    const bool fits = column == 0 || column + 1 + end <= kHelpWidth;
    if (column != 0) out += fits ? ' ' : '\n';
    column = fits && column != 0 ? column + 1 + end : end;
    out += sentence.substr(0, end);
    sentence.remove_prefix(std::min(end + 1, sentence.size()));
  }
  return out;
}

ConfigFlags::Given& ConfigFlags::add(std::string_view flag) {
  given_.push_back({std::string(flag), false, {}, {}});
  return given_.back();
}

void ConfigFlags::declare(OptionSet& options) {
  options.text("--config", file, "FILE",
               "settings in YAML; default $TALLYSTICK_CONFIG. Flags and\nenvironment go before it");
  const auto declare_rows = [&](const auto& rows) {
    for (const auto& row : rows) {
      if (row.flag.empty()) continue;
      Given& given = add(row.flag);
      const std::string help = help_lines(row.help);
      switch (row.shape) {
        case config::Shape::toggle: options.flag(row.flag, given.toggled, help); break;
        case config::Shape::one: options.text(row.flag, given.text, row.value, help); break;
        case config::Shape::list: options.texts(row.flag, given.texts, row.value, help); break;
      }
    }
  };
  declare_rows(config::serve_settings());
  declare_rows(config::proxy_settings());
}

config::FlagValues ConfigFlags::values() const {
  config::FlagValues out;
  for (const Given& given : given_) {
    if (given.toggled) out[given.flag] = {"true"};
    if (!given.text.empty()) out[given.flag] = {given.text};
    if (!given.texts.empty()) out[given.flag] = given.texts;
  }
  return out;
}

Result<config::Loaded> ConfigFlags::load(Invocation& call, bool check_files) const {
  return config::load_serve_config(
      call.fs, {values(), file, call.environment, variable_names(), check_files});
}

std::vector<std::string> variable_names() {
  std::vector<std::string> out;
  for (char** variable = ::environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    out.emplace_back(text.substr(0, text.find('=')));
  }
  return out;
}

int refuse_lines(Invocation& call, const Error& error) {
  std::string_view rest = error.detail;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    call.console.error(call.command, rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return kUnusable;
}

void tell_warnings(Invocation& call, const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) {
    const bool said = warning.find("warning: ") != std::string::npos;
    call.console.error(call.command, (said ? "" : "warning: ") + warning);
  }
}

}  // namespace tally::cli
