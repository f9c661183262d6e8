// SPDX-License-Identifier: Apache-2.0
// The flags of `serve` and `config`, made from the table of settings.
#pragma once

#include "base/result.h"
#include "cli/command.h"
#include "cli/option_set.h"
#include "config/load.h"

#include <deque>
#include <string>
#include <vector>

namespace tally::cli {

/// Declare, parse, then load(). Must stay where it is from declare() on.
class ConfigFlags {
 public:
  ConfigFlags() = default;
  ConfigFlags(const ConfigFlags&) = delete;
  ConfigFlags& operator=(const ConfigFlags&) = delete;

  /// --config and one flag for each row that has one.
  void declare(OptionSet& options);
  /// What was given on the command line.
  [[nodiscard]] config::FlagValues values() const;
  /// All settings, from these flags, the environment of `call` and the file.
  [[nodiscard]] Result<config::Loaded> load(Invocation& call, bool check_files = true) const;

  std::string file;  ///< --config

 private:
  struct Given {
    std::string flag;
    bool toggled = false;
    std::string text;
    std::vector<std::string> texts;
  };
  Given& add(std::string_view flag);

  std::deque<Given> given_;  // addresses stay
};

/// Names of all variables of this process, for config::Sources.
[[nodiscard]] std::vector<std::string> variable_names();

/// Tells an error of several lines line by line; the status to end with.
int refuse_lines(Invocation& call, const Error& error);
/// Tells the operator what is allowed but hardly meant.
void tell_warnings(Invocation& call, const std::vector<std::string>& warnings);

/// Breaks a sentence for the help of OptionSet.
[[nodiscard]] std::string help_lines(std::string_view sentence);

}  // namespace tally::cli
