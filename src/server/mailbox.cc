// SPDX-License-Identifier: Apache-2.0
#include "server/mailbox.h"

#include <utility>

namespace tally::server {

void Mailbox::post(Letter letter) {
  const std::lock_guard lock(mutex_);
  if (loop_ == nullptr) return;
  letters_.push_back(std::move(letter));
  if (letters_.size() == 1) loop_->post([this] { drain(); });
}

void Mailbox::close() {
  std::vector<Letter> dropped;
  const std::lock_guard lock(mutex_);
  loop_ = nullptr;
  dropped.swap(letters_);
}

void Mailbox::drain() {
  std::vector<Letter> letters;
  {
    const std::lock_guard lock(mutex_);
    letters.swap(letters_);
  }
  for (Letter& letter : letters) deliver_(std::move(letter));
}

}  // namespace tally::server
