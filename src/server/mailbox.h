// SPDX-License-Identifier: Apache-2.0
// From workers back to the loop: answers, pieces of bodies, wake-ups.
#pragma once

#include "net/loop.h"
#include "server/answer.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <variant>
#include <vector>

namespace tally::server {

/// post() from any thread; the loop is woken once for many letters. Outlives the loop safely: after
/// close() letters are dropped.
class Mailbox {
 public:
  struct Wake {};
  struct Letter {
    std::uint64_t connection;
    std::uint64_t exchange;
    std::variant<Answer, Result<BodySource::Piece>, Wake> content;
  };
  /// Called on the loop's thread.
  using Deliver = std::function<void(Letter letter)>;

  Mailbox(net::Loop& loop, Deliver deliver) : loop_(&loop), deliver_(std::move(deliver)) {}

  void post(Letter letter);
  /// No more deliveries. On the loop's thread, or when it runs no more.
  void close();

 private:
  void drain();

  std::mutex mutex_;  // guards loop_ and letters_
  net::Loop* loop_;
  std::vector<Letter> letters_;
  Deliver deliver_;
};

}  // namespace tally::server
