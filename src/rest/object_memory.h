// SPDX-License-Identifier: Apache-2.0
// The objects of one upstream as they were last seen on the wire, so that a change can be recorded
// with its old values.
#pragma once

#include "base/limits.h"
#include "mcp/types.h"
#include "rest/object.h"

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tally::rest {

/// Bounded in entries and bytes: the object not seen for longest is forgotten first. Only what was
/// seen takes room, so that requests about objects that do not exist push nothing out. Every call
/// costs the same however much is remembered, but for objects that share a name. Not thread-safe.
class ObjectMemory {
 public:
  explicit ObjectMemory(std::size_t objects_max = kObjectsMax,
                        std::size_t bytes_max = kObjectMemoryBytesMax)
      : objects_max_(objects_max), bytes_max_(bytes_max) {}

  struct Seen {
    Object object;
    WallTime at{};            ///< when
    std::string fingerprint;  ///< of the text it was read from; empty: not known
  };

  /// The last representation; null: unknown. Valid until the next call that is not const.
  [[nodiscard]] const Seen* find(std::string_view type, std::string_view id) const;

  /// Whether exactly this text was seen last; then it counts as seen again.
  [[nodiscard]] bool seen_again(std::string_view type, std::string_view id,
                                std::string_view fingerprint, mcp::Moment now);
  /// It was shown by a response to a request that began at `asked`. Of no effect when it was
  /// changed since, by whatever name: the response may be older than the change. Nor for one
  /// without any name.
  void shown(std::string_view type, std::string_view id, Seen seen, MonoTime asked);
  /// It was changed by a request that began at `asked`; `seen` as the response to it shows it.
  /// Without, and when it was changed by another one meanwhile: unknown from now on.
  void changed(std::string_view type, std::string_view id, std::optional<Seen> seen, MonoTime asked,
               mcp::Moment now);

  /// Something that was called `name` may have changed: what could be meant is unknown from now on.
  void doubt(std::string_view type, std::string_view name, mcp::Moment now);

  [[nodiscard]] std::size_t objects() const { return entries_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::string key;
    Seen seen;
    MonoTime changed_at{};
    std::size_t bytes = 0;
  };
  using Entries = std::list<Entry>;  // used last first
  struct Change {
    std::string key;
    MonoTime at{};
  };
  using Changes = std::list<Change>;  // last first

  [[nodiscard]] MonoTime last_change(const std::string& key) const;
  [[nodiscard]] MonoTime last_change(std::string_view type, const std::string& key,
                                     const Object& object) const;
  void note_change(std::string key, MonoTime at);
  void put(std::string_view type, std::string key, Seen seen, MonoTime changed_at);
  void erase(Entries::iterator entry);

  std::size_t objects_max_, bytes_max_;
  std::size_t bytes_ = 0;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_key_;  // views of Entry::key
  /// Everything that an entry is called, with its type.
  std::unordered_multimap<std::string, Entries::iterator> by_name_;
  /// What was changed lately and is not known: a response that was on its way may still show it as
  /// it was before.
  Changes changes_;
  std::unordered_map<std::string_view, Changes::iterator> change_by_key_;  // views of Change::key
  MonoTime floor_{};  // what is no longer in changes_ was changed before
};

}  // namespace tally::rest
