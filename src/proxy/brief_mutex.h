// SPDX-License-Identifier: Apache-2.0
// A mutex for what is held for some microseconds at a time.
#pragma once

#include <mutex>

namespace tally::proxy {

/// Whoever finds it taken looks again for a moment before going to sleep: being put to sleep and
/// woken costs more than what is waited for, unless its owner lost the processor.
class BriefMutex {
 public:
  void lock() {
    for (int look = 0; look < kLooks; ++look) {
      if (mutex_.try_lock()) return;
      pause();
    }
    mutex_.lock();
  }
  void unlock() { mutex_.unlock(); }

 private:
  /// Some 20 us, twice what recording and handing over a response takes: with 64 looks two loops
  /// were slower than one (decision 0024).
  static constexpr int kLooks = 400;

  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("isb");
#endif
  }

  std::mutex mutex_;
};

}  // namespace tally::proxy
