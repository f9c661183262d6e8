// SPDX-License-Identifier: Apache-2.0
// Which entries a command is about: an expression and a window of time, the same for all commands.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "cli/command.h"
#include "cli/log_access.h"
#include "cli/option_set.h"
#include "index/expression.h"
#include "log/log_info.h"

#include <optional>
#include <string>
#include <vector>

namespace tally::cli {

/// Times from `from` on and before `to`, as --from and --to name them; empty texts are open ends.
/// nullopt when both are. Errors: invalid_argument, naming the flag.
struct WindowFlags {
  std::string from, to;
  const char* from_flag = "--from";
};
[[nodiscard]] Result<std::optional<index::Range>> time_window(const WindowFlags& flags,
                                                              WallTime now);
/// The window as a condition.
[[nodiscard]] index::Term window_term(const index::Range& window);

struct EntryFlags {
  std::string from;                ///< --from
  std::string to;                  ///< --to
  std::vector<std::string> words;  ///< the expression

  /// --from, --to and the words of the expression.
  void declare(OptionSet& options);
  /// The expression and the window as one. Raw session ids are hashed for who has the log's key.
  /// Errors: invalid_argument.
  [[nodiscard]] Result<index::Expression> parse(Invocation& call, const LogFlags& log,
                                                const log::LogInfo& info) const;
};

/// Names of all keys of an expression, in lines for --help.
[[nodiscard]] std::string expression_keys_text();

}  // namespace tally::cli
