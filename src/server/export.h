// SPDX-License-Identifier: Apache-2.0
// GET /api/audit/export: all entries that filters describe, streamed.
#pragma once

#include "access/grants.h"
#include "server/reading.h"

#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace tally::server {

/// Exports under way. Thread-safe; must outlive the answers it gives.
class Exports {
 public:
  /// Both must outlive it. `grants`: whether who asked is accepted still.
  Exports(const Reading& reading, access::Grants& grants) : reading_(reading), grants_(grants) {}

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
  access::Grants& grants_;
  std::atomic<std::size_t> running_{0};
  std::mutex mutex_;                                            // guards what follows
  std::map<std::string, std::size_t, std::less<>> running_of_;  // by Principal::holds()
};

}  // namespace tally::server
