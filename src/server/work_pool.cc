// SPDX-License-Identifier: Apache-2.0
#include "server/work_pool.h"

#include "base/limits.h"

#include <algorithm>
#include <utility>

namespace tally::server {

WorkPool::WorkPool(unsigned threads, std::size_t queue_max) : queue_max_(queue_max) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

WorkPool::~WorkPool() { stop(); }

bool WorkPool::try_start(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || queue_.size() >= queue_max_) return false;
    queue_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

void WorkPool::resume(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    queue_.push_back(std::move(work));
  }
  changed_.notify_one();
}

void WorkPool::stop() {
  std::deque<Work> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    dropped.swap(queue_);
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

std::size_t WorkPool::waiting() {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void WorkPool::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
    if (stopped_) return;
    Work work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
    work = nullptr;  // what it holds may be large
    lock.lock();
  }
}

unsigned WorkPool::usual_threads() {
  return std::clamp(std::thread::hardware_concurrency(), kApiWorkersMin, kApiWorkersMax);
}

}  // namespace tally::server
