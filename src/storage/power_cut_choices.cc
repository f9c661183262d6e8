// SPDX-License-Identifier: Apache-2.0
#include "storage/power_cut_choices.h"

#include <array>

namespace tally::storage {

// Remainders instead of std:: distributions: those differ between standard libraries.

void PowerCutChoices::next_file() {
  constexpr std::array<std::uint64_t, 5> kLeanings{0, 1, 4, 7, 8};
  eighths_kept_ = kLeanings[generator_() % kLeanings.size()];
}

bool PowerCutChoices::keep() {
  if (seed_ == kNothing) return false;
  if (seed_ == kEverything) return true;
  return generator_() % 8 < eighths_kept_;
}

std::size_t PowerCutChoices::prefix_of(std::size_t count) {
  if (seed_ == kNothing) return 0;
  if (seed_ == kEverything) return count;
  return static_cast<std::size_t>(generator_() % (count + 1));
}

}  // namespace tally::storage
