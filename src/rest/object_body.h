// SPDX-License-Identifier: Apache-2.0
// The objects in the body of a response.
#pragma once

#include "rest/object_memory.h"

#include <optional>
#include <string>
#include <string_view>

namespace tally::rest {

/// What the response to a request for one object, or to a change of one, shows.
struct ShownObject {
  std::optional<ObjectMemory::Seen> seen;  ///< the object that was asked for
  std::string id;                          ///< what it calls itself; of a new object its id
  /// The id of an object that is another one than was asked for, and that is not believed; empty:
  /// none.
  std::string claimed_id;
  bool says_failed = false;  ///< {"success": false}
};

/// Reads the body of a response to a request for the object `id` of `type`; `id` empty: a new one.
/// An object stands alone, or in a member "data", "item" or of its type's name ("tool").
[[nodiscard]] ShownObject read_shown(std::string_view text, std::string_view type,
                                     std::string_view id, const redact::KeyedDigest& digest,
                                     mcp::Moment now);

/// Names the text of an object; ObjectMemory::Seen has it of what it was read from.
[[nodiscard]] std::string fingerprint_of(std::string_view text);

/// Remembers the objects of a list: an array, alone or in a member "data", "items", "results" or of
/// the type's plural. At most kObjectsPerListMax; ids that occur twice mean nobody. `asked`: when
/// the request began. Gives how many there were.
std::size_t remember_list(std::string_view text, std::string_view type,
                          const redact::KeyedDigest& digest, MonoTime asked, mcp::Moment now,
                          ObjectMemory& memory);

}  // namespace tally::rest
