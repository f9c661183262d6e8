// SPDX-License-Identifier: Apache-2.0
// Notices that the service was started with other settings than the last time on this log.
#pragma once

#include "capture/audit_log.h"
#include "index/index.h"
#include "server/self_events.h"
#include "server/work_pool.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tally::server {

/// Looks for the last start in the log once the index knows all entries that were there before this
/// one; a difference is recorded. tick() on one thread.
class SettingsWatch {
 public:
  /// All must outlive it.
  struct Parts {
    const index::Index& index;
    capture::AuditLog& log;
    WorkPool& workers;
    const SelfEvents& events;
    std::string digest;   ///< of the present settings; empty: nothing is compared
    std::string marks{};  ///< to name those that differ (config::settings_facts())
  };
  explicit SettingsWatch(Parts parts) : parts_(std::move(parts)) {}

  /// `size`: entries of the log before the start of this process is recorded.
  void begin(std::uint64_t size);
  /// Every second or so.
  void tick();

 private:
  void compare(std::uint64_t size) const;
  Parts parts_;
  std::optional<std::uint64_t> pending_;
};

/// `details.settings` of a line as JSON; empty when it has none.
[[nodiscard]] std::string settings_marks_of(std::string_view line);

/// `details.settings_digest` of a line; empty when it has none.
[[nodiscard]] std::string settings_digest_of(std::string_view line);

}  // namespace tally::server
