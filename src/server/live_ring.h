// SPDX-License-Identifier: Apache-2.0
// The newest entries as live streams send them: each decoded and written once, and compared with
// each filter once, however many streams there are.
#pragma once

#include "index/filter.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tally::server {

/// Consecutive entries. Immutable once it is in a ring.
struct LiveChunk {
  std::uint64_t first = 0;
  std::string text;                  ///< frames (append_entry_frame) of those that some group wants
  std::vector<std::size_t> ends{0};  ///< frame i is [ends[i], ends[i + 1]) of text
  std::size_t cost = 0;              ///< bytes of memory, with the bits of groups
  [[nodiscard]] std::uint64_t end() const { return first + ends.size() - 1; }
  [[nodiscard]] std::string_view frame(std::size_t i) const {
    return std::string_view(text).substr(ends[i], ends[i + 1] - ends[i]);
  }
};

/// Streams that want the same: one filter, scope included.
class LiveGroup {
 public:
  LiveGroup(const index::Filter& filter, std::string key)
      : matcher_(filter), key_(std::move(key)) {}
  /// Thread-safe.
  [[nodiscard]] const index::FilterMatcher& matcher() const { return matcher_; }

 private:
  friend class LiveRing;
  struct Matched {
    std::shared_ptr<const LiveChunk> chunk;
    std::vector<std::uint64_t> bits;
  };
  index::FilterMatcher matcher_;
  std::string key_;
  std::size_t streams_ = 0;
  std::uint64_t since_ = 0;     // entries before were not compared
  std::uint64_t compared_ = 0;  // end of the chunk that it was compared with last
  std::deque<Matched> matched_;
};
using LiveGroupPtr = std::shared_ptr<LiveGroup>;

/// Not thread-safe, but for prepare(). Bounded by bytes; the newest chunk stays in any case.
class LiveRing {
 public:
  /// The ring begins and ends at `next`, with nothing in it.
  LiveRing(std::uint64_t next, std::size_t bytes_max)
      : begin_(next), end_(next), bytes_max_(bytes_max) {}

  /// Entries [begin(), end()) are here.
  [[nodiscard]] std::uint64_t begin() const { return begin_; }
  [[nodiscard]] std::uint64_t end() const { return end_; }

  /// The group of a filter; leave() once for each join(). Only for streams that are in no other
  /// ring.
  [[nodiscard]] LiveGroupPtr join(const index::Filter& filter);
  void leave(const LiveGroupPtr& group);
  [[nodiscard]] std::vector<LiveGroupPtr> groups() const;

  /// New entries, compared with groups: the work, done without the owner's lock.
  struct Prepared {
    std::shared_ptr<const LiveChunk> chunk;
    std::vector<LiveGroupPtr> groups;
    std::vector<std::vector<std::uint64_t>> bits;  ///< for each group; empty: none matches
  };
  [[nodiscard]] static Prepared prepare(std::uint64_t first,
                                        const std::vector<std::string_view>& lines,
                                        std::vector<LiveGroupPtr> groups);
  /// Takes them in; they must begin at end(). Drops the oldest.
  void add(Prepared prepared);

  /// Whether a stream of this group at `next` can go on from here; otherwise it must read the log
  /// up to end() itself.
  [[nodiscard]] bool reaches(const LiveGroup& group, std::uint64_t next) const {
    return next >= begin_ && next >= group.since_;
  }
  /// Whether some entry from `next` on matches.
  [[nodiscard]] static bool has_news(const LiveGroup& group, std::uint64_t next) {
    return !group.matched_.empty() && group.matched_.back().chunk->end() > next;
  }
  /// Appends what matches from `next` on, until `out` has `bytes_max` bytes, and moves `next` to
  /// behind what was looked at. False when there may be more.
  [[nodiscard]] bool read(const LiveGroup& group, std::uint64_t& next, std::string& out,
                          std::size_t bytes_max) const;

 private:
  std::uint64_t begin_;
  std::uint64_t end_;
  const std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::deque<std::shared_ptr<const LiveChunk>> chunks_;
  std::unordered_map<std::string, LiveGroupPtr> groups_;  // by canonical_text()
};

}  // namespace tally::server
