// SPDX-License-Identifier: Apache-2.0
// Being asked to stop, as something to wait for beside input: work under way is finished and
// reported first.
#pragma once

#include "base/result.h"

#include <chrono>
#include <optional>

namespace tally::cli {

/// Blocks SIGINT, SIGTERM and SIGHUP (those not ignored when we were started) in this thread and
/// those it starts later, and ignores SIGPIPE and SIGXFSZ, which come back as errors instead. Make
/// it before any thread; one per process; lasts until the process ends.
class StopSignals {
 public:
  [[nodiscard]] static Result<StopSignals> make();
  ~StopSignals();
  StopSignals(StopSignals&& other) noexcept;
  StopSignals& operator=(StopSignals&&) = delete;

  /// The signal that asked us to stop, if one did; remembered from then on.
  [[nodiscard]] std::optional<int> stopped();

  enum class Wait { readable, stopped, time_over };
  /// Waits until `fd` can be read (or is at its end, or broken), a signal comes, or the time is
  /// over; without `limit` for ever. A negative fd is only a pause.
  [[nodiscard]] Wait wait(int fd, std::optional<std::chrono::milliseconds> limit);

 private:
  explicit StopSignals(int events) : events_(events) {}
  int events_;  // signalfd(2); -1 when moved from
  std::optional<int> signal_;
};

}  // namespace tally::cli
