// SPDX-License-Identifier: Apache-2.0
// Quantiles of many durations in a few kilobytes, the same whatever the order they come in.
#pragma once

#include "index/index.h"

#include <array>
#include <cstdint>

namespace tally::index {

/// Counts durations in classes whose width is 1/32 of their lowest value; below 32 µs exactly.
class Quantiles {
 public:
  void add(std::int64_t micros);
  [[nodiscard]] Durations summary(bool complete) const;

 private:
  static constexpr unsigned kBits = 5;
  [[nodiscard]] std::int64_t at(double share) const;
  std::array<std::uint64_t, (64 - kBits) << kBits> classes_{};
  std::uint64_t count_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace tally::index
