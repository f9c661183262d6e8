// SPDX-License-Identifier: Apache-2.0
// Reading a line of the log without copying it: where each known field stands.
#pragma once

#include "event/fields.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tally::event {

/// Raw values of one line. Valid while the line lives and until the next parse(). Reuse one per
/// thread.
class EventView {
 public:
  /// One pass over the top level; nested values are skipped by their brackets, not checked. False
  /// when the line is not one JSON object (white space around it allowed) or repeats a known field.
  [[nodiscard]] bool parse(std::string_view line);

  /// Raw JSON of a field, strings with quotes; empty when it is absent or null.
  [[nodiscard]] std::string_view raw(Field field) const { return raw_[index_of(field)]; }
  [[nodiscard]] bool has(Field field) const { return !raw(field).empty(); }
  /// Whether a member of this name stands in the line, be it null.
  [[nodiscard]] bool names(Field field) const { return ((seen_ >> index_of(field)) & 1) != 0; }
  /// Characters of a string field; a number as its text; empty when absent. `storage` is used when
  /// the string holds escapes.
  [[nodiscard]] std::string_view text(Field field, std::string& storage) const;

  struct Other {
    std::string_view key;  ///< still escaped
    std::string_view raw;
  };
  /// Members that are no known fields, in order.
  [[nodiscard]] const std::vector<Other>& others() const { return others_; }

 private:
  std::array<std::string_view, kFieldCount> raw_{};
  std::uint64_t seen_ = 0;  // bit i: field i
  std::vector<Other> others_;
};

}  // namespace tally::event
