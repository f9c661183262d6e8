// SPDX-License-Identifier: Apache-2.0
#include "follow/bell.h"

namespace tally::follow {

void Bell::ring() {
  {
    const std::lock_guard lock(mutex_);
    ++rung_;
  }
  changed_.notify_all();
}

std::uint64_t Bell::rung() const {
  const std::lock_guard lock(mutex_);
  return rung_;
}

void Bell::wait(std::uint64_t seen, const std::stop_token& stop, std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, limit, [&] { return rung_ != seen; });
}

}  // namespace tally::follow
