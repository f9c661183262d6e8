// SPDX-License-Identifier: Apache-2.0
// GET /api/audit/export: all entries that filters describe, streamed.
#pragma once

#include "server/reading.h"

#include <atomic>
#include <cstddef>
#include <functional>
#include <string_view>

namespace tally::server {

/// Exports under way. Thread-safe; must outlive the answers it gives.
class Exports {
 public:
  using StillGood = std::function<bool(std::string_view token_id)>;

  /// `reading` must outlive it. `still_good`: whether a token is accepted still; any thread.
  Exports(const Reading& reading, StillGood still_good)
      : reading_(reading), still_good_(std::move(still_good)) {}

  /// Answers with a body that is made while it is sent: the entries up to the head of this moment,
  /// in the order of the log, in the format asked for. On a worker.
  ///
  /// audit-log-export is durable before the answer (pending), and a second one says how it ended:
  /// how many entries, whether all. A body that does not come to its end has no last chunk.
  void answer(const Request& request, const Reply& reply);

  [[nodiscard]] std::size_t running() const { return running_; }

 private:
  class Slot;
  class Body;

  const Reading& reading_;
  const StillGood still_good_;
  std::atomic<std::size_t> running_{0};
};

}  // namespace tally::server
