// SPDX-License-Identifier: Apache-2.0
// Randomness is passed in too; event ids are UUIDv7 (RFC 9562).
#pragma once

#include "base/clock.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

namespace tally {

/// Thread-safe source of unpredictable bytes.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::byte> out) = 0;
};

/// The kernel's generator. Lives for the whole process.
Random& system_random();

/// Makes UUIDv7s that rise strictly within one source: 48 bits of milliseconds, 12 bits of
/// sub-millisecond time and 62 random bits. Thread-safe; random bytes are fetched in blocks, so an
/// id costs about 50 ns.
class UuidSource {
 public:
  UuidSource(const Clock& clock, Random& random) : clock_(clock), random_(random) {}
  /// 36 characters, lower case.
  std::string next();
  /// The same for a time that the caller already has.
  std::string next(WallTime time);

 private:
  const Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  std::array<std::byte, 4096> pool_{};
  std::size_t pool_used_ = 4096;
  std::uint64_t last_tick_ = 0;
};

/// Whether `text` is a UUID in canonical lower-case form, any version.
bool is_uuid(std::string_view text);

}  // namespace tally
