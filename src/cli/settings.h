// SPDX-License-Identifier: Apache-2.0
// Settings from the environment (contract: AUDIT_LOG_*, AUDIT_ALERT_*). Each is honoured or
// refused, never ignored.
#pragma once

#include "base/limits.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "log/keyring.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

namespace tally::cli {

struct WriteSettings {
  std::size_t batch_entries = kCommitEntriesMax;              ///< AUDIT_LOG_BATCH_SIZE
  std::chrono::milliseconds flush_interval = kFlushInterval;  ///< AUDIT_LOG_FLUSH_INTERVAL
  std::optional<crypto::HashAlgorithm> hash;                  ///< AUDIT_LOG_HASH_ALGORITHM
  bool enabled = true;                                        ///< AUDIT_LOG_ENABLED
};

/// For commands that write. An empty variable counts as unset. Errors: invalid_argument for a bad
/// value, unsupported for a setting whose feature this version does not have; both name the
/// variable.
[[nodiscard]] Result<WriteSettings> write_settings(const log::Environment& environment);

/// "250ms", "2s", "0.5s", "2" (seconds); at most a minute. nullopt for anything else.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_interval(std::string_view text);
/// true, 1, yes, on; false, 0, no, off; without case. nullopt for anything else.
[[nodiscard]] std::optional<bool> parse_switch(std::string_view text);

}  // namespace tally::cli
