// SPDX-License-Identifier: Apache-2.0
// Threads for what may wait for a disk: the loop never does.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tally::server {

/// Thread-safe. Work is begun in order.
class WorkPool {
 public:
  using Work = std::function<void()>;

  WorkPool(unsigned threads, std::size_t queue_max);
  ~WorkPool();  // as stop()
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  /// New work; false, and nothing was done, when too much is waiting or after stop().
  [[nodiscard]] bool try_start(Work work);
  /// Goes on with work that was begun: never refused, and bounded by what was. After stop() it is
  /// dropped.
  void resume(Work work);
  /// Ends what is being done; what was not begun is dropped.
  void stop();
  /// Pieces of work that wait now.
  [[nodiscard]] std::size_t waiting();
  /// One for each core, within kApiWorkersMin and kApiWorkersMax.
  [[nodiscard]] static unsigned usual_threads();

 private:
  void run();

  const std::size_t queue_max_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Work> queue_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tally::server
