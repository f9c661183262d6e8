// SPDX-License-Identifier: Apache-2.0
// Flags and words of one command. By hand and not by CLI11: there `--log= FILE` takes the file for
// the log, `[a,b]` is taken apart, and `-severity:debug` cannot be a word; keeping it from all that
// was longer than this.
#pragma once

#include "base/result.h"
#include "cli/command.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tally::cli {

/// Declare, then parse() once. The variables given must outlive parse(). Not thread-safe.
///
/// `--flag value`, `--flag=value`, `-f value`, `-fvalue`, `-fg`; `--` ends the flags; words and
/// flags may be mixed. A value may begin with '-', but where the name of another flag stands,
/// the value was forgotten. A flag that takes one value and is given twice, or is given an empty
/// one, is an error.
class OptionSet {
 public:
  /// `usage` is the line behind the command's name: "[FLAGS] SEQ".
  OptionSet(std::string_view command, std::string_view usage, std::string_view description);

  /// `names` as in "-n,--lines" or "--log"; `help` may have several lines.
  void flag(std::string_view names, bool& out, std::string_view help);
  void text(std::string_view names, std::string& out, std::string_view value,
            std::string_view help);
  void texts(std::string_view names, std::vector<std::string>& out, std::string_view value,
             std::string_view help);
  /// Decimal, 0 to 2^64 - 1.
  void number(std::string_view names, std::optional<std::uint64_t>& out, std::string_view value,
              std::string_view help);
  /// Where words that are no flags go. More than `most` is an error.
  void words(std::vector<std::string>& out, std::size_t most);
  /// Words that begin with '-' and for which this is true are words all the same
  /// ("-severity:debug").
  void words_too(std::function<bool(std::string_view word)> is_word);
  /// Text below the list of flags: examples.
  void footer(std::string_view text) { footer_ = text; }

  /// What --help prints.
  [[nodiscard]] std::string help() const;
  /// Fills the variables. False when --help was asked for: nothing counts then. Errors:
  /// invalid_argument, with the nearest flag for one that does not exist.
  [[nodiscard]] Result<bool> parse(const std::vector<std::string>& arguments);

 private:
  /// monostate: --help, which has no variable of the caller's.
  using Target = std::variant<std::monostate, bool*, std::string*, std::vector<std::string>*,
                              std::optional<std::uint64_t>*>;
  struct Option {
    char short_name;  // 0: none
    std::string long_name;
    std::string value;  // "" for a flag
    std::string help;
    Target target;
    bool given = false;
    [[nodiscard]] std::string shown() const;
  };

  void add(std::string_view names, Target target, std::string_view value, std::string_view help);
  [[nodiscard]] Option* find(std::string_view long_name);
  [[nodiscard]] Option* find(char short_name);
  [[nodiscard]] bool is_flag(std::string_view word) const;
  [[nodiscard]] bool is_value(const std::string* next);
  /// Takes one word with flags, and the next one where a value must come; the number taken.
  [[nodiscard]] Result<std::size_t> take_long(std::string_view word, const std::string* next);
  [[nodiscard]] Result<std::size_t> take_short(std::string_view word, const std::string* next);
  [[nodiscard]] Result<void> take_word(const std::string& word);
  [[nodiscard]] Result<void> set(Option& option, std::string_view value);
  [[nodiscard]] Error unknown(std::string_view flag) const;

  std::string command_;
  std::string usage_;
  std::string description_;
  std::string footer_;
  std::vector<Option> options_;
  std::function<bool(std::string_view)> is_word_;
  std::vector<std::string>* words_ = nullptr;
  std::size_t words_max_ = 0;
  bool help_ = false;
};

/// What every command does first: fills the variables from its arguments. The status to end with
/// when the flags are wrong, which the user is told, or when --help was asked for and printed.
[[nodiscard]] std::optional<int> take_flags(OptionSet& options, Invocation& call);

/// A decimal number as a user types it. Errors: invalid_argument naming `what`.
[[nodiscard]] Result<std::uint64_t> parse_number(std::string_view text, std::string_view what);

}  // namespace tally::cli
