// SPDX-License-Identifier: Apache-2.0
// The index of the log that `serve` keeps: opened, fed by a thread of its own, asked by workers.
#pragma once

#include "base/limits.h"
#include "base/result.h"
#include "follow/bell.h"
#include "index/index.h"
#include "server/index_wait.h"
#include "storage/file_system.h"

#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace tally::server {

/// Queries may be asked from any thread while it lives.
class KeptIndex {
 public:
  /// Opens LOG/index/ for writing and begins to keep up with the log. When another process keeps
  /// it, what that stores is used and the rest held in memory. `told` hears, on another thread,
  /// what was thrown away and why. Between two looks at the log it rests, unless somebody waits: a
  /// look costs as much as taking in some hundred entries. Errors: as log::Reader::open().
  [[nodiscard]] static Result<std::unique_ptr<KeptIndex>> open(
      storage::FileSystem& fs, const std::string& directory,
      std::function<void(const std::string& what)> told,
      std::chrono::milliseconds rest = kFollowInterval);

  [[nodiscard]] const index::Index& index() const { return *index_; }
  /// For who has to find an entry that was only just written.
  [[nodiscard]] IndexWait& waiting() { return waiting_; }

 private:
  KeptIndex(std::unique_ptr<index::Index> index, std::unique_ptr<follow::Bell> bell,
            follow::Follower follower, std::function<void(const std::string& what)> told);

  std::unique_ptr<index::Index> index_;
  std::unique_ptr<follow::Bell> bell_;
  IndexWait waiting_;
  follow::Follower follower_;
  std::jthread thread_;  // the last member: it ends before what it uses
};

}  // namespace tally::server
