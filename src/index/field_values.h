// SPDX-License-Identifier: Apache-2.0
// What the keys of the query language mean on one line of the log.
#pragma once

#include "event/view.h"
#include "index/expression.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tally::index {

/// Values of one line for the keys of an expression. Valid while the line lives; reuse is fine,
/// threads are not.
class FieldValues {
 public:
  /// False when the line is no event object.
  [[nodiscard]] bool parse(std::string_view line);

  /// Whether some text that the key stands for matches. An absent field is the empty text.
  [[nodiscard]] bool any_text(Key key, const Pattern& pattern) const;

  /// seq; microseconds for time, recorded, duration; position in its enum for severity and level.
  /// nullopt when it is absent or unreadable.
  [[nodiscard]] std::optional<std::int64_t> number(Key key) const;

  /// Whether some value of the entry, at any depth, contains the pattern's pieces in order. Keys
  /// and seq are not searched: "error" should find what went wrong, not every member called
  /// error_message.
  [[nodiscard]] bool contains(const Pattern& pattern) const;

 private:
  [[nodiscard]] bool target(Key key, const Pattern& pattern) const;
  [[nodiscard]] bool client(const Pattern& pattern) const;
  [[nodiscard]] std::string_view name_in_details(std::string_view member,
                                                 std::string& storage) const;
  [[nodiscard]] bool field(event::Field field, const Pattern& pattern) const;

  std::string_view line_;
  event::EventView view_;
};

}  // namespace tally::index
