// SPDX-License-Identifier: Apache-2.0
// Threads for what may wait for a disk: the loop never does.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace tally::server {

/// Thread-safe. Work of one lane is begun in order, what goes on mostly before what is new; no lane
/// has all threads (unless told so), so that slow reads do not keep events from being written, nor
/// the other way round.
class WorkPool {
 public:
  using Work = std::function<void()>;
  enum class Lane : std::uint8_t {
    read,   ///< searches, pieces of exports: may take seconds
    write,  ///< events on their way in, and the answers to who sent them
  };

  /// `lane_max`: threads that one lane may have; 0: all but one.
  WorkPool(unsigned threads, std::size_t queue_max, unsigned lane_max = 0);
  ~WorkPool();  // as stop()
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  /// New work; false, and nothing was done, when too much of its lane is waiting or after stop().
  [[nodiscard]] bool try_start(Lane lane, Work work);
  [[nodiscard]] bool try_start(Work work) { return try_start(Lane::read, std::move(work)); }
  /// Goes on with work that was begun: never refused, and bounded by what was. After stop() it is
  /// dropped.
  void resume(Lane lane, Work work);
  void resume(Work work) { resume(Lane::read, std::move(work)); }
  /// Ends what is being done; what was not begun is dropped.
  void stop();
  /// Pieces of work that wait now.
  [[nodiscard]] std::size_t waiting();
  /// One for each core, within kApiWorkersMin and kApiWorkersMax.
  [[nodiscard]] static unsigned usual_threads();

 private:
  struct Queue {
    std::deque<Work> fresh;
    std::deque<Work> begun;
    unsigned running = 0;
    unsigned in_a_row = 0;  ///< pieces of `begun` that were taken while something fresh waited
    [[nodiscard]] bool empty() const { return fresh.empty() && begun.empty(); }
    [[nodiscard]] std::size_t size() const { return fresh.size() + begun.size(); }
    [[nodiscard]] Work take();
  };
  void run();
  [[nodiscard]] Queue& queue(Lane lane) { return queues_[static_cast<std::size_t>(lane)]; }
  /// The lane whose turn it is; none when all that waits has to wait on.
  [[nodiscard]] Queue* next();

  const std::size_t queue_max_;
  const unsigned lane_max_;  // threads that one lane may have
  std::mutex mutex_;         // guards what follows
  std::condition_variable changed_;
  std::array<Queue, 2> queues_;
  std::size_t turn_ = 0;  // lane that is looked at first
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tally::server
