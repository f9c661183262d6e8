// SPDX-License-Identifier: Apache-2.0
// What a device kept of unsynced changes is its own business; here a seed decides, so a failing
// test can be repeated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace tally::storage {

/// The decisions of one power cut, the same for the same seed on every machine. Seed 0 keeps
/// nothing that was not synced, seed 1 everything; every other seed mixes, with another leaning for
/// each file, so that "nearly all" and "nearly nothing" are as common as "half". Not thread-safe.
class PowerCutChoices {
 public:
  static constexpr std::uint64_t kNothing = 0;
  static constexpr std::uint64_t kEverything = 1;

  explicit PowerCutChoices(std::uint64_t seed) : seed_(seed), generator_(seed) {}

  /// Begins another file: chooses its leaning.
  void next_file();
  /// Whether one unsynced sector or size change is on the device.
  bool keep();
  /// How many of `count` ordered directory operations are on the device: 0 to `count`.
  std::size_t prefix_of(std::size_t count);

 private:
  std::uint64_t seed_;
  std::mt19937_64 generator_;
  std::uint64_t eighths_kept_ = 4;
};

}  // namespace tally::storage
