// SPDX-License-Identifier: Apache-2.0
#include "server/work_pool.h"

#include "base/limits.h"

#include <algorithm>
#include <utility>

namespace tally::server {
namespace {

/// What was begun goes first, but not for ever: exports ask for one piece after the other.
constexpr unsigned kInARowMax = 4;

}  // namespace

WorkPool::WorkPool(unsigned threads, std::size_t queue_max, unsigned lane_max)
    : queue_max_(queue_max), lane_max_(lane_max != 0 ? lane_max : std::max(threads, 2U) - 1) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

WorkPool::~WorkPool() { stop(); }

bool WorkPool::try_start(Lane lane, Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || queue(lane).fresh.size() >= queue_max_) return false;
    queue(lane).fresh.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

void WorkPool::resume(Lane lane, Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    queue(lane).begun.push_back(std::move(work));
  }
  changed_.notify_one();
}

void WorkPool::stop() {
  std::array<Queue, 2> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    for (std::size_t i = 0; i < queues_.size(); ++i) {
      dropped[i].fresh.swap(queues_[i].fresh);
      dropped[i].begun.swap(queues_[i].begun);
    }
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

std::size_t WorkPool::waiting() {
  const std::lock_guard lock(mutex_);
  std::size_t sum = 0;
  for (const Queue& each : queues_) sum += each.size();
  return sum;
}

WorkPool::Work WorkPool::Queue::take() {
  const bool turn_of_fresh = begun.empty() || (!fresh.empty() && in_a_row >= kInARowMax);
  std::deque<Work>& from = turn_of_fresh ? fresh : begun;
  in_a_row = turn_of_fresh || fresh.empty() ? 0 : in_a_row + 1;
  Work work = std::move(from.front());
  from.pop_front();
  return work;
}

WorkPool::Queue* WorkPool::next() {
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    const std::size_t at = (turn_ + i) % queues_.size();
    if (queues_[at].empty() || queues_[at].running >= lane_max_) continue;
    turn_ = at + 1;
    return &queues_[at];
  }
  return nullptr;
}

void WorkPool::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    Queue* from = nullptr;
    changed_.wait(lock, [&] { return stopped_ || (from = next()) != nullptr; });
    if (stopped_) return;
    Work work = from->take();
    ++from->running;
    lock.unlock();
    work();
    work = nullptr;  // what it holds may be large
    lock.lock();
    // This thread goes on with whatever there is; nobody else has to be woken.
    --from->running;
  }
}

unsigned WorkPool::usual_threads() {
  return std::clamp(std::thread::hardware_concurrency(), kApiWorkersMin, kApiWorkersMax);
}

}  // namespace tally::server
