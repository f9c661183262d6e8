// SPDX-License-Identifier: Apache-2.0
#include "record/task_misses.h"

#include <algorithm>
#include <functional>

namespace tally::record {

bool TaskMisses::missed(const std::string& principal, const std::string& task, MonoTime now) {
  auto at = windows_.find(principal);
  if (at != windows_.end() && now - at->second.begun > kTaskMissWindow) {
    windows_.erase(at);
    std::erase(oldest_first_, principal);
    at = windows_.end();
  }
  if (at == windows_.end()) {
    if (windows_.size() >= principals_max_) {
      windows_.erase(oldest_first_.front());
      oldest_first_.pop_front();
    }
    at = windows_.emplace(principal, Window{now, {}}).first;
    oldest_first_.push_back(principal);
  }
  std::vector<std::uint64_t>& tasks = at->second.tasks;
  const std::uint64_t hash = std::hash<std::string>()(task);
  if (tasks.size() >= kTaskMissesMax || std::ranges::find(tasks, hash) != tasks.end()) return false;
  tasks.push_back(hash);
  return tasks.size() == kTaskMissesMax;
}

}  // namespace tally::record
