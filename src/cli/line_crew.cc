// SPDX-License-Identifier: Apache-2.0
#include "cli/line_crew.h"

#include "base/check.h"
#include "base/limits.h"

#include <algorithm>
#include <utility>

namespace tally::cli {

void LineChunk::add(std::string_view line, std::uint64_t number) {
  if (text_.capacity() == 0) text_.reserve(kLineChunkBytes + kEntryBytesMax);
  lines_.push_back({text_.size(), line.size(), number, fail(Errc::closed, "not checked"), true});
  text_ += line;
}

void LineChunk::add_refused(std::uint64_t number, Error why) {
  lines_.push_back({text_.size(), 0, number, tl::unexpected(std::move(why)), false});
}

void LineChunk::clear() {
  text_.clear();
  lines_.clear();
}

bool LineChunk::full() const {
  return text_.size() >= kLineChunkBytes || lines_.size() >= kLineChunkLines;
}

LineCrew::LineCrew(unsigned helpers, const std::function<LineWorker()>& make) : own_(make()) {
  for (unsigned i = 0; i < helpers; ++i) {
    helpers_.emplace_back([this, worker = make()] { help(worker); });
  }
}

LineCrew::~LineCrew() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    waiting_.clear();
    work_.notify_all();
  }
  for (std::thread& helper : helpers_) helper.join();
}

/// Does the job that waits longest. `lock` is given up meanwhile.
void LineCrew::work(const LineWorker& worker, std::unique_lock<std::mutex>& lock) {
  Job& job = *waiting_.front();
  waiting_.pop_front();
  lock.unlock();
  worker(job.chunk);
  lock.lock();
  job.done = true;
}

void LineCrew::help(const LineWorker& worker) {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_.wait(lock, [&] { return ended_ || !waiting_.empty(); });
    if (ended_) return;
    work(worker, lock);
    done_.notify_one();
  }
}

void LineCrew::give(LineChunk chunk) {
  chunks_.push_back(std::make_unique<Job>(Job{std::move(chunk)}));
  const std::lock_guard lock(mutex_);
  waiting_.push_back(chunks_.back().get());
  work_.notify_one();
}

LineChunk LineCrew::take() {
  TALLY_CHECK(!chunks_.empty());
  const std::unique_ptr<Job> job = std::move(chunks_.front());
  chunks_.pop_front();
  std::unique_lock lock(mutex_);
  while (!job->done) {
    if (waiting_.empty()) {
      done_.wait(lock, [&] { return job->done; });
    } else {
      work(own_, lock);
    }
  }
  return std::move(job->chunk);
}

unsigned line_helpers() {
  const unsigned cores = std::thread::hardware_concurrency();
  return cores < 2 ? 0 : std::min(cores - 1, kLineHelpersMax);
}

}  // namespace tally::cli
