// SPDX-License-Identifier: Apache-2.0
#include "log/line_pass.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <semaphore>
#include <thread>
#include <vector>

namespace tally::log {
namespace {

class LinePass {
 public:
  LinePass(storage::FileSystem& fs, const Layout& layout, crypto::HashAlgorithm algorithm,
           BlockSource& source, LineCheck& check, unsigned threads, const VerifyProgress& progress,
           const std::atomic<bool>* stop)
      : fs_(fs),
        layout_(layout),
        algorithm_(algorithm),
        source_(source),
        check_(check),
        progress_(progress),
        stop_(stop),
        slots_(2 * static_cast<std::ptrdiff_t>(threads)) {}

  void work() {
    BlockChecker checker(fs_, layout_, algorithm_);
    for (;;) {
      slots_.acquire();  // bounds the blocks that wait for an earlier one
      auto block = stop_ != nullptr && *stop_
                       ? Result<std::optional<Block>>(fail(Errc::closed, "the check was stopped"))
                       : source_.next();
      if (!block || !*block) {
        if (!block) keep_error(std::move(block).error());
        slots_.release();
        return;
      }
      join(checker.check(std::move(**block)));
    }
  }

  [[nodiscard]] Result<void> result() {
    if (error_) return tl::unexpected(*error_);
    return {};
  }

 private:
  void keep_error(Error error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
  }

  void join(CheckedBlock checked) {
    const std::lock_guard lock(mutex_);
    waiting_.emplace(checked.block.index, std::move(checked));
    while (!waiting_.empty() && waiting_.begin()->first == next_) {
      check_.join(std::move(waiting_.begin()->second));
      waiting_.erase(waiting_.begin());
      ++next_;
      slots_.release();
    }
    if (progress_) progress_(check_.bytes_seen(), source_.total_bytes());
  }

  storage::FileSystem& fs_;
  const Layout& layout_;
  crypto::HashAlgorithm algorithm_;
  BlockSource& source_;
  LineCheck& check_;
  const VerifyProgress& progress_;
  const std::atomic<bool>* stop_;
  std::counting_semaphore<> slots_;
  std::mutex mutex_;
  std::map<std::uint64_t, CheckedBlock> waiting_;
  std::uint64_t next_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Result<void> run_line_pass(storage::FileSystem& fs, const Layout& layout,
                           crypto::HashAlgorithm algorithm, BlockSource& source, LineCheck& check,
                           unsigned threads, const VerifyProgress& progress,
                           const std::atomic<bool>* stop) {
  threads = std::clamp(threads, 1U, 64U);
  LinePass pass(fs, layout, algorithm, source, check, threads, progress, stop);
  std::vector<std::thread> workers;
  for (unsigned i = 1; i < threads; ++i) workers.emplace_back([&pass] { pass.work(); });
  pass.work();
  for (std::thread& worker : workers) worker.join();
  TALLY_TRY_VOID(pass.result());
  check.finish();
  return {};
}

}  // namespace tally::log
