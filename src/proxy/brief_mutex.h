// SPDX-License-Identifier: Apache-2.0
// A mutex for what is held for some microseconds at a time.
#pragma once

#include <atomic>
#include <cstdint>

namespace tally::proxy {

/// Whoever finds it taken looks again for a moment before going to sleep: being put to sleep and
/// woken costs more than what is waited for, unless its owner lost the processor. Looking only
/// reads, so that the owner keeps its cache line.
class BriefMutex {
 public:
  void lock() {
    for (int look = 0; look < kLooks; ++look) {
      if (try_lock()) return;
      pause();
    }
    // Whoever slept knows nothing of others who sleep, so it takes it as one that is waited for.
    while (state_.exchange(kAwaited, std::memory_order_acquire) != kFree) {
      state_.wait(kAwaited, std::memory_order_relaxed);
    }
  }
  void unlock() {
    if (state_.exchange(kFree, std::memory_order_release) == kAwaited) state_.notify_one();
  }

 private:
  static constexpr std::uint32_t kFree = 0, kTaken = 1;
  static constexpr std::uint32_t kAwaited = 2;  // taken, and somebody may sleep
  /// Some 20 us, twice what recording and handing over a response takes: with 64 looks two loops
  /// were slower than one (decision 0024).
  static constexpr int kLooks = 400;

  bool try_lock() {
    std::uint32_t seen = state_.load(std::memory_order_relaxed);
    return seen == kFree && state_.compare_exchange_strong(seen, kTaken, std::memory_order_acquire,
                                                           std::memory_order_relaxed);
  }
  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("isb");
#endif
  }

  std::atomic<std::uint32_t> state_{kFree};
};

}  // namespace tally::proxy
