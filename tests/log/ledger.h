// SPDX-License-Identifier: Apache-2.0
// What a log promised to the outside world, written down while it runs, and the check that it kept
// its word: after a crash, a power cut, a failed device.
#pragma once

#include "log/entry.h"
#include "log/keyring.h"
#include "log/layout.h"
#include "merkle/checkpoint.h"
#include "merkle/hash_types.h"
#include "merkle/tree_hasher.h"
#include "storage/simulated_file_system.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace tally::log {

/// Entries that were handed in, entries that were acknowledged, checkpoints that could be seen. Not
/// thread-safe.
class Ledger {
 public:
  explicit Ledger(std::string directory) : layout_(std::move(directory)) {}

  [[nodiscard]] const Layout& layout() const { return layout_; }
  /// `count` entries of different lengths that nobody handed in before.
  [[nodiscard]] std::vector<EntryText> new_entries(std::size_t count);
  /// The log said that they are durable.
  void acknowledge(const std::vector<EntryText>& entries, const std::vector<Appended>& appended);
  /// Notes down every complete signed checkpoint that a reader could see now.
  void look(const storage::SimulatedFileSystem& fs, const crypto::NoteVerifier& key);
  [[nodiscard]] std::size_t acknowledged() const { return acknowledged_.size(); }
  [[nodiscard]] std::size_t checkpoints() const { return checkpoints_.size(); }

  /// Adds a failure for every broken promise in the log as it is now: an acknowledged entry that is
  /// gone or another one, an entry that nobody handed in, a checkpoint that does not fit, a damaged
  /// history. The log must have been recovered.
  void expect_kept(storage::SimulatedFileSystem& fs, const Keys& keys) const;

 private:
  void expect_entries(const std::vector<std::string>& lines) const;
  void expect_checkpoints(storage::SimulatedFileSystem& fs, const Keys& keys, std::size_t size,
                          const std::map<std::size_t, merkle::RootHash>& roots) const;
  void expect_tree(storage::SimulatedFileSystem& fs, const std::vector<std::string>& lines,
                   merkle::TreeHasher& hasher,
                   std::map<std::size_t, merkle::RootHash>& roots) const;
  std::map<std::size_t, merkle::RootHash> signed_sizes(storage::SimulatedFileSystem& fs,
                                                       const Keys& keys) const;

  Layout layout_;
  std::set<std::string> handed_in_;  ///< objects
  std::map<std::uint64_t, std::string> acknowledged_;
  std::set<std::string> checkpoints_;
  std::size_t next_ = 0;
};

/// Every file's content, without what only people read (the lock file).
std::map<std::string, std::string> contents_of(const storage::SimulatedFileSystem& fs,
                                               const Layout& layout);

}  // namespace tally::log
