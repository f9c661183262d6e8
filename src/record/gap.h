// SPDX-License-Identifier: Apache-2.0
// What could not be recorded: counted by method until a record of the gap can be written.
#pragma once

#include "base/clock.h"
#include "event/event.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tally::record {

/// Methods told apart in one gap; the rest is counted together as "other".
inline constexpr std::size_t kGapMethodsMax = 64;

/// Not thread-safe: belongs to whoever writes the records.
class Gap {
 public:
  /// `event` was not written. Counted under its details.method, else its event_name. `spooled`: it
  /// waits in the spool and will follow.
  void add(const event::Event& event, bool spooled = false);
  [[nodiscard]] bool empty() const { return total_ == 0; }
  [[nodiscard]] std::uint64_t total() const { return total_; }
  /// Of those, how many wait in the spool.
  [[nodiscard]] std::uint64_t spooled() const { return spooled_; }
  [[nodiscard]] WallTime from() const { return from_; }
  [[nodiscard]] WallTime to() const { return to_; }
  [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& by_method() const {
    return by_method_;
  }
  /// Counts what another gap counted, as when its record could not be written either.
  void merge(const Gap& other);
  void clear();

 private:
  std::map<std::string, std::uint64_t, std::less<>> by_method_;
  std::uint64_t total_ = 0;
  std::uint64_t spooled_ = 0;
  WallTime from_{};
  WallTime to_{};
};

}  // namespace tally::record
