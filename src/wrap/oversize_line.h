// SPDX-License-Identifier: Apache-2.0
// Size and digest of a line that is too long to be held: what the record says of it.
#pragma once

#include "crypto/hash.h"
#include "wrap/auditor.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tally::wrap {

/// Counts and hashes the parts of one line after the other; used again for the next line. Not
/// thread-safe.
class OversizeLine {
 public:
  void begin();
  void add(std::string_view bytes);
  /// Bytes and digest of what was added since begin(); the rest of OversizeEnd is the caller's.
  [[nodiscard]] OversizeEnd end();

 private:
  std::optional<crypto::Hasher> hasher_;  // made when first needed: most sessions never do
  std::uint64_t bytes_ = 0;
};

}  // namespace tally::wrap
