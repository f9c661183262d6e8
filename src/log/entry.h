// SPDX-License-Identifier: Apache-2.0
// What goes into a log and what comes back for it.
#pragma once

#include "base/ordinal.h"
#include "base/result.h"
#include "merkle/hash_types.h"

#include <optional>
#include <string>
#include <string_view>

namespace tally::log {

/// The text of one entry before it has a number: a JSON object on one line, without a `seq` member
/// and without LF. The log puts `"seq":N,` first. Made only by entry_text(), so what reaches the
/// log has been checked.
class EntryText {
 public:
  /// Takes text of the form {"..."...} made by our own encoder. Cheap checks only (braces, no line
  /// break, not empty, no leading seq, at most kEntryBytesMax with room for the number); whether it
  /// is valid JSON is the encoder's promise. Errors: malformed, too_large.
  [[nodiscard]] static Result<EntryText> from_object(std::string object);
  [[nodiscard]] const std::string& object() const { return object_; }
  /// The text of an entry that is no longer needed, for the sake of its memory.
  [[nodiscard]] std::string release() && { return std::move(object_); }

 private:
  explicit EntryText(std::string object) : object_(std::move(object)) {}
  std::string object_;
};

/// Appends the line as it stands in a segment, without LF: {"seq":N,<rest of the object>.
void append_line(std::string& out, LeafIndex seq, std::string_view object);

/// The number at the start of a line, if the line starts with {"seq":N followed by ',' or '}';
/// nullopt otherwise.
std::optional<LeafIndex> seq_of_line(std::string_view line);

/// One entry as it was committed.
struct Appended {
  LeafIndex seq;
  merkle::LeafHash leaf_hash;
};

}  // namespace tally::log
