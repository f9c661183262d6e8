// SPDX-License-Identifier: Apache-2.0
#include "server/index_wait.h"

#include <algorithm>
#include <utility>

namespace tally::server {

void IndexWait::wait(std::uint64_t seq, MonoTime until, Then then) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    if (seq < size_) {
      then(true);
      return;
    }
    waiters_.push_back({seq, until, std::move(then)});
  }
  hurry_();
}

bool IndexWait::reached(std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  size_ = std::max(size_, size);
  std::erase_if(waiters_, [&](const Waiter& waiter) {
    if (waiter.seq >= size_) return false;
    waiter.then(true);
    return true;
  });
  return !waiters_.empty();
}

void IndexWait::expire(MonoTime now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(waiters_, [&](const Waiter& waiter) {
    if (waiter.until > now) return false;
    waiter.then(false);
    return true;
  });
}

void IndexWait::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  waiters_.clear();
}

}  // namespace tally::server
