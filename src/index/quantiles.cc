// SPDX-License-Identifier: Apache-2.0
#include "index/quantiles.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tally::index {

void Quantiles::add(std::int64_t micros) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(micros, 0));
  // The highest bit and the five behind it tell the class.
  const auto width = static_cast<unsigned>(std::bit_width(value));
  const unsigned shift = width > kBits + 1 ? width - kBits - 1 : 0;
  classes_[(shift << kBits) + (value >> shift)] += 1;
  ++count_;
  max_ = std::max(max_, micros);
}

std::int64_t Quantiles::at(double share) const {
  const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    seen += classes_[i];
    if (classes_[i] == 0 || seen < rank) continue;
    // Index (shift << 5) + mantissa, the mantissa being 32 to 63 from the second class on.
    const std::size_t shift = i < (2U << kBits) ? 0 : (i >> kBits) - 1;
    const std::uint64_t low = static_cast<std::uint64_t>(i - (shift << kBits)) << shift;
    return std::min(static_cast<std::int64_t>(low), max_);
  }
  return 0;
}

Durations Quantiles::summary(bool complete) const {
  Durations out;
  out.count = count_;
  out.p50 = at(0.50);
  out.p90 = at(0.90);
  out.p95 = at(0.95);
  out.p99 = at(0.99);
  out.max = max_;
  out.complete = complete;
  return out;
}

}  // namespace tally::index
