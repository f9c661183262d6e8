// SPDX-License-Identifier: Apache-2.0
#include "proxy/upstream_line.h"

#include <algorithm>
#include <utility>

namespace tally::proxy {

bool UpstreamLine::enter(Waiter& waiter, net::Loop& loop) {
  const std::lock_guard lock(mutex_);
  if (free_ > 0) {
    --free_;
    return true;
  }
  waiting_.push_back({&waiter, &loop, ++numbers_});
  return false;
}

void UpstreamLine::leave() {
  Standing next;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty() || free_ < 0) {
      ++free_;
      return;
    }
    next = waiting_.front();
    waiting_.pop_front();
    called_.push_back(next);
  }
  next.loop->post([this, next] { arrive(next); });
}

void UpstreamLine::resize(std::size_t places) {
  std::vector<Standing> next;
  {
    const std::lock_guard lock(mutex_);
    const auto now = static_cast<std::ptrdiff_t>(places);
    free_ += now - std::exchange(places_, now);
    for (; free_ > 0 && !waiting_.empty(); --free_) {
      next.push_back(waiting_.front());
      waiting_.pop_front();
    }
    called_.insert(called_.end(), next.begin(), next.end());
  }
  for (const Standing& one : next) {
    one.loop->post([this, one] { arrive(one); });
  }
}

/// On the loop of the one that was called.
void UpstreamLine::arrive(const Standing& called) {
  {
    const std::lock_guard lock(mutex_);
    const auto same = [&](const Standing& other) { return other.number == called.number; };
    if (std::erase_if(called_, same) == 0) return;  // it left meanwhile, and the place went on
  }
  called.waiter->on_turn();
}

void UpstreamLine::forget(const Waiter& waiter) {
  const auto is_it = [&](const Standing& other) { return other.waiter == &waiter; };
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_, is_it);
    if (std::erase_if(called_, is_it) == 0) return;
  }
  leave();
}

std::size_t UpstreamLine::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

std::size_t UpstreamLine::in_use() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(places_ - free_);
}

}  // namespace tally::proxy
