// SPDX-License-Identifier: Apache-2.0
// Reading a tree strictly: what is not known is a problem, and all problems are found at once.
#pragma once

#include "yaml/node.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tally::yaml {

enum class Severity : std::uint8_t { error, warning };

struct Problem {
  Severity severity = Severity::error;
  Mark mark;
  std::string text;  ///< what is wrong; what to write
};

/// "FILE:LINE:COLUMN: text", as compilers write it; warnings say so.
[[nodiscard]] std::string format(std::string_view file, const Problem& problem);

/// What was found wrong so far. Not thread-safe. Keeps at most kProblemsMax.
class Problems {
 public:
  void error(Mark mark, std::string text) { add(Severity::error, mark, std::move(text)); }
  void warning(Mark mark, std::string text) { add(Severity::warning, mark, std::move(text)); }
  [[nodiscard]] bool any_error() const { return errors_ > 0; }
  /// In the order of the file.
  [[nodiscard]] std::vector<Problem> take();

 private:
  void add(Severity severity, Mark mark, std::string text);
  std::vector<Problem> list_;
  std::size_t errors_ = 0;
};

/// The errors among them as one Error, a line for each; nullopt when there is none.
[[nodiscard]] std::optional<Error> as_error(std::string_view file,
                                            std::span<const Problem> problems);

/// The members of one map. Ask for each key that may be there, then finish(): what was not asked
/// for is unknown. `problems` and the node must outlive it.
class MapReader {
 public:
  /// `what` names the map in messages: "rules[2].match". A null node is an empty map.
  MapReader(const Node& node, std::string what, Problems& problems);
  /// The value of a key; null when it is not there, or is written without a value.
  [[nodiscard]] const Node* take(std::string_view key);
  /// Members under any name, each taken: for maps whose keys are names of the user's.
  [[nodiscard]] std::span<const Member> take_all();
  /// Reports the keys nobody asked for, with the nearest known one.
  void finish();
  /// "rules[2].match.methods"
  [[nodiscard]] std::string name(std::string_view key) const;

 private:
  const Node* node_;  // null: not a map
  std::string what_;
  Problems& problems_;
  std::vector<std::string> known_;
  bool all_taken_ = false;
};

/// Each reports a value of the wrong kind and returns nothing. `what` names it in messages.
[[nodiscard]] std::optional<std::string> read_text(const Node& node, std::string_view what,
                                                   Problems& problems);
/// One word or a list of words; at most `most`, none of them empty.
[[nodiscard]] std::vector<std::string> read_texts(const Node& node, std::string_view what,
                                                  std::size_t most, Problems& problems);
/// true or false, without quotes.
[[nodiscard]] std::optional<bool> read_bool(const Node& node, std::string_view what,
                                            Problems& problems);
/// Index of the name among `names`, with the nearest one for a mistyped one.
[[nodiscard]] std::optional<std::size_t> read_choice(const Node& node, std::string_view what,
                                                     std::span<const std::string> names,
                                                     Problems& problems);
/// The items of a list; a null is an empty one.
[[nodiscard]] std::span<const Node> read_list(const Node& node, std::string_view what,
                                              Problems& problems);

}  // namespace tally::yaml
