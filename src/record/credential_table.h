// SPDX-License-Identifier: Apache-2.0
// Where each credential was seen first: one token at two servers is a token passed on (MCP,
// security best practices), or one that was stolen.
#pragma once

#include "base/limits.h"

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tally::record {

/// One for all upstreams of a process. Thread-safe. Bounded: the oldest is forgotten first.
class CredentialTable {
 public:
  explicit CredentialTable(std::size_t credentials_max = kCredentialsMax)
      : credentials_max_(credentials_max) {}

  /// `digest` (keyed) is used at `server`. Says where it was seen before when that is elsewhere,
  /// once for each credential.
  [[nodiscard]] std::optional<std::string> used_at(const std::string& digest,
                                                   std::string_view server);
  /// True the first time it is asked for this credential, if used_at() has seen it.
  [[nodiscard]] bool first_report_of_audience(const std::string& digest);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    std::string server;
    bool reported_elsewhere = false;
    bool reported_audience = false;
  };
  std::size_t credentials_max_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  std::deque<std::string> order_;
};

}  // namespace tally::record
