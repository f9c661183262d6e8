// SPDX-License-Identifier: Apache-2.0
// Signals as readiness of a pipe, so that their handler runs where everything else does.
#pragma once

#include "net/loop.h"

#include <csignal>
#include <functional>
#include <utility>
#include <vector>

namespace tally::net {

/// While it lives these signals come to `handler` on the loop's thread instead of doing what they
/// did before. One in a process at a time.
class Signals final : ReadyHandler {
 public:
  Signals(Loop& loop, const std::vector<int>& numbers, std::function<void(int)> handler);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  Signals(Loop& loop, const std::vector<int>& numbers, std::function<void(int)> handler,
          std::pair<int, int> pipe);
  void on_readable() override;
  void on_writable() override {}

  std::function<void(int)> handler_;
  Watch read_end_;
  int write_end_;
  std::vector<std::pair<int, struct sigaction>> before_;
};

}  // namespace tally::net
