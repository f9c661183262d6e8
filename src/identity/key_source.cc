// SPDX-License-Identifier: Apache-2.0
#include "identity/key_source.h"

#include <utility>

namespace tally::identity {

std::shared_ptr<const KeySet> KeySource::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

void KeySource::set(std::shared_ptr<const KeySet> keys) {
  const std::lock_guard lock(mutex_);
  keys_ = std::move(keys);
  ++generation_;
}

void KeySource::ask() const {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(asked_, true)) return;
  }
  asked_now_.notify_all();
}

void KeySource::wait(const std::stop_token& stop, std::chrono::milliseconds longest) const {
  std::unique_lock lock(mutex_);
  static_cast<void>(asked_now_.wait_for(lock, stop, longest, [this] { return asked_; }));
  asked_ = false;
}

void KeySource::pause(const std::stop_token& stop, std::chrono::milliseconds time) const {
  std::unique_lock lock(mutex_);
  static_cast<void>(asked_now_.wait_for(lock, stop, time, [] { return false; }));
}

}  // namespace tally::identity
