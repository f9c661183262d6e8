// SPDX-License-Identifier: Apache-2.0
// Who asks for tasks that are not there: the id of a task is all it takes to read its result, so
// one who tries many is looking for those of others.
#pragma once

#include "base/clock.h"
#include "base/limits.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace tally::record {

/// Bounded: of too many principals the one whose window began first is forgotten. Not thread-safe.
class TaskMisses {
 public:
  explicit TaskMisses(std::size_t principals_max = kTaskMissPrincipalsMax)
      : principals_max_(principals_max) {}

  /// `principal` asked for `task` (any text that names it), which is not there. True when it is the
  /// kTaskMissesMax-th one in kTaskMissWindow: asking again for one counts once, because clients
  /// poll.
  [[nodiscard]] bool missed(const std::string& principal, const std::string& task, MonoTime now);
  [[nodiscard]] std::size_t principals() const { return windows_.size(); }

 private:
  struct Window {
    MonoTime begun;
    std::vector<std::uint64_t> tasks;  // hashes, at most kTaskMissesMax
  };
  std::size_t principals_max_;
  std::unordered_map<std::string, Window> windows_;
  std::deque<std::string> oldest_first_;  // each principal once
};

}  // namespace tally::record
