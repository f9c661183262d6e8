// SPDX-License-Identifier: Apache-2.0
// Names to addresses on a thread of their own: the C library can only wait.
#pragma once

#include "base/result.h"
#include "net/address.h"
#include "net/loop.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tally::net {

/// Every address of a name, each once. Waits, for as long as the resolver of the system does.
/// Errors: not_found.
[[nodiscard]] Result<std::vector<SocketAddress>> addresses_of(const std::string& host,
                                                              std::uint16_t port);

/// One name after the other. Destroying it waits for the one that is being asked for.
class Resolver {
 public:
  using Done = std::function<void(Result<std::vector<SocketAddress>>)>;

  /// `loop` must outlive it.
  explicit Resolver(Loop& loop);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// `done` is called on the loop's thread.
  void ask(const std::string& host, std::uint16_t port, Done done);

 private:
  struct Question {
    std::string host;
    std::uint16_t port = 0;
    Done done;
  };
  void run();
  void answer(Question& first, const Result<std::vector<SocketAddress>>& addresses);

  Loop& loop_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable asked_;
  std::deque<Question> questions_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tally::net
