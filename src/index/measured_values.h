// SPDX-License-Identifier: Apache-2.0
// Counts, failures and latencies for each value of a key, in bounded memory.
#pragma once

#include "index/index.h"
#include "index/quantiles.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tally::index {

/// What statistics collect of one key. Not thread-safe.
class MeasuredValues {
 public:
  explicit MeasuredValues(const StatisticsKey& wish) : wish_(wish) {}

  [[nodiscard]] const StatisticsKey& wish() const { return wish_; }
  /// So many more entries with this value, `failed` of them failed. Empty texts count for nothing.
  void add(std::string_view text, std::uint64_t count, std::uint64_t failed);
  /// Where the latencies of this value go, after add(); null when they are not wanted or kept of
  /// too many values already.
  [[nodiscard]] Quantiles* durations(std::string_view text);
  [[nodiscard]] MeasuredFacet finish(std::size_t limit, bool complete) const;

 private:
  struct Counts {
    std::uint64_t count = 0;
    std::uint64_t failed = 0;
    std::unique_ptr<Quantiles> durations;
  };
  StatisticsKey wish_;
  std::unordered_map<std::string, Counts> counts_;
  std::uint64_t total_ = 0;
  std::size_t measured_ = 0;
  bool all_known_ = true;
};

}  // namespace tally::index
