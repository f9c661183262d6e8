// SPDX-License-Identifier: Apache-2.0
// What the two directions of one session share with each other and with the thread that ends them.
#pragma once

#include "base/clock.h"
#include "base/limits.h"
#include "wrap/auditor.h"
#include "wrap/client_output.h"
#include "wrap/descriptor.h"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace tally::wrap {

/// Makes cause come before effect in the record: the client thread shows nothing while the server
/// thread is between sending bytes and showing the frames in them. The server thread never waits
/// for the client inside begin() .. end(), so neither does the client thread wait for it for long.
class SentFrames {
 public:
  /// Server thread, before bytes go out.
  void begin() { step(); }
  /// Server thread, after their frames were shown.
  void end() { step(); }
  /// Client thread, between reading and showing: returns once everything sent before was shown.
  void wait_shown() {
    std::unique_lock lock(mutex_);
    const std::uint64_t now = steps_;
    if (now % 2 == 0) return;
    waiting_ = true;
    stepped_.wait(lock, [&] { return steps_ != now; });
    waiting_ = false;
  }

 private:
  void step() {
    const std::lock_guard lock(mutex_);
    ++steps_;
    if (waiting_) stepped_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable stepped_;
  std::uint64_t steps_ = 0;  // odd between begin() and end()
  bool waiting_ = false;
};

/// The one place for a line above kLineBytesShared: both directions together stay within memory
/// that one large line needs. Thread-safe.
class LargeLinePlace {
 public:
  [[nodiscard]] bool take() { return !taken_.exchange(true); }
  void give_back() { taken_ = false; }

 private:
  std::atomic<bool> taken_ = false;
};

/// One direction's use of that place. Not thread-safe.
class LineAllowance {
 public:
  explicit LineAllowance(LargeLinePlace& place) : place_(place) {}
  ~LineAllowance() { settle(0); }
  LineAllowance(const LineAllowance&) = delete;
  LineAllowance& operator=(const LineAllowance&) = delete;

  /// Before `bytes` in all are held or looked at: how long a line may be.
  [[nodiscard]] std::size_t line_bytes_max(std::size_t bytes) {
    if (bytes > kLineBytesShared && !mine_) mine_ = place_.take();
    return mine_ ? kMessageBytesMax : kLineBytesShared;
  }
  /// After the lines were dealt with and `held` bytes are left.
  void settle(std::size_t held) {
    if (!mine_ || held > kLineBytesShared) return;
    mine_ = false;
    place_.give_back();
  }

 private:
  LargeLinePlace& place_;
  bool mine_ = false;
};

/// Outlives both threads.
struct RelayState {
  RelayState(const Clock& clock_, Auditor& auditor_, int client_out)
      : clock(clock_), auditor(auditor_), output(client_out) {}

  const Clock& clock;
  Auditor& auditor;
  ClientOutput output;
  SentFrames sent_frames;
  LargeLinePlace large_line;

  /// Nobody reads what the server says: nothing more is forwarded to it. Set before stop_client.
  std::atomic<bool> client_gone = false;
  StopEvent stop_client;    ///< the client thread is to end before its next frame
  StopEvent abandon;        ///< both threads are to end now, whatever they have in hand
  StopEvent output_broken;  ///< set by the server thread: the client does not read any more
  StopEvent client_done;    ///< set by the client thread, last
  StopEvent server_done;    ///< set by the server thread, last
};

}  // namespace tally::wrap
