// SPDX-License-Identifier: Apache-2.0
// The entries that a filter describes, in the order of the log, each checked against the tree and
// handed over in a format: what an export does, in pieces of bounded size and time.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "index/filter.h"
#include "index/index.h"
#include "log/head.h"
#include "log/reader.h"
#include "log/tree_files.h"
#include "merkle/tree_hasher.h"
#include "sink/exporter.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace tally::sink {

/// What is exported. Entries that come after `head` are not looked at.
struct WalkPlan {
  log::Head head;
  crypto::HashAlgorithm hash;
  index::Filter filter;
  /// Used where it is faster; the entries are the same. Null: every line is read. Must outlive the
  /// walk.
  const index::Index* index = nullptr;
};

/// Where a piece ends, at the latest about one entry or a thousand looks later.
struct WalkBudget {
  std::size_t bytes;
  std::chrono::milliseconds time;
};

/// For one thread at a time. Memory: one piece, a block of hashes, and a page of the index.
///
/// Every line that is read is hashed and compared with tree/0, matching or not: a damaged entry is
/// an error, and never an entry that silently does not match any more. (Through the index only what
/// it says matches is read.)
class Walk {
 public:
  /// `clock` must outlive it.
  Walk(WalkPlan plan, std::unique_ptr<Exporter> exporter, const Clock& clock);

  /// Appends the next piece; false when that was the last one. The readers may be others each time.
  /// Errors: corrupt when the log contradicts itself, io; after one the walk is over.
  [[nodiscard]] Result<bool> next(log::Reader& lines, log::TreeReader& tree,
                                  const WalkBudget& budget, std::string& out);

  /// Entries handed over so far.
  [[nodiscard]] std::uint64_t entries() const { return entries_; }
  /// Of [begin(), end()), how far it came, for a progress bar.
  [[nodiscard]] std::uint64_t begin() const { return low_; }
  [[nodiscard]] std::uint64_t position() const { return next_; }
  [[nodiscard]] std::uint64_t end() const { return end_; }
  [[nodiscard]] bool uses_index() const { return indexed_end_ > low_; }

 private:
  struct Piece;
  [[nodiscard]] Result<void> check(std::uint64_t seq, std::string_view line, log::TreeReader& tree);
  [[nodiscard]] Result<std::string_view> stored(std::uint64_t seq, log::TreeReader& tree);
  [[nodiscard]] Result<void> hand_over(std::uint64_t seq, std::string_view line,
                                       log::TreeReader& tree, std::string& out);
  [[nodiscard]] Result<void> scan(Piece& piece);
  [[nodiscard]] Result<void> fetch(Piece& piece);
  void use_index(const index::Index& index);

  WalkPlan plan_;
  index::FilterMatcher matcher_;
  std::unique_ptr<Exporter> exporter_;
  const Clock& clock_;
  merkle::TreeHasher hasher_;
  std::uint64_t low_ = 0, end_ = 0;  // entries that can match
  std::uint64_t next_ = 0;           // the first one not looked at
  std::uint64_t indexed_end_ = 0;    // up to here the index says what matches
  std::uint64_t window_ = 0;         // entries that one question to the index is about
  std::string hashes_;               // of tree/0, from hashes_first_ on
  std::uint64_t hashes_first_ = 0;
  std::string checksum_, previous_;
  std::optional<std::uint64_t> checksum_of_;
  std::uint64_t entries_ = 0;
  bool begun_ = false;
  bool over_ = false;
};

}  // namespace tally::sink
