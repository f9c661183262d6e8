// SPDX-License-Identifier: Apache-2.0
// A clock that a test moves, and random bytes that a test can repeat.
#pragma once

#include "base/clock.h"
#include "base/random.h"

namespace tally::access::test {

class MovingClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override { return wall; }
  [[nodiscard]] MonoTime mono() const override { return mono_time; }
  void pass(std::chrono::milliseconds time) {
    wall += time;
    mono_time += time;
  }
  WallTime wall{std::chrono::seconds(1'800'000'000)};
  MonoTime mono_time{std::chrono::hours(1)};
};

class CountingRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override {
    for (std::byte& byte : out) byte = std::byte(next_++);
  }

 private:
  unsigned char next_ = 0;
};

}  // namespace tally::access::test
