// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include "base/check.h"
#include "base/encoding.h"

#include <algorithm>
#include <cstring>
#include <sys/random.h>

namespace tally {
namespace {

/// The two digits of each byte.
constexpr std::array<std::array<char, 2>, 256> kHexPairs = [] {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = {kHex[i >> 4], kHex[i & 15]};
  return out;
}();

class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override {
    while (!out.empty()) {
      // Never fails once the generator is seeded (getrandom(2)); a signal may cut more than 256
      // bytes short.
      const ssize_t n = ::getrandom(out.data(), out.size(), 0);
      if (n > 0) out = out.subspan(static_cast<std::size_t>(n));
    }
  }
};

}  // namespace

Random& system_random() {
  static SystemRandom random;
  return random;
}

std::string UuidSource::next() { return next(clock_.now()); }

std::string UuidSource::next(WallTime time) {
  std::array<std::byte, 16> id{};
  {
    const std::lock_guard lock(mutex_);
    if (pool_used_ + 8 > pool_.size()) {
      random_.fill(pool_);
      pool_used_ = 0;
    }
    std::memcpy(&id[8], &pool_[pool_used_], 8);
    pool_used_ += 8;
    // RFC 9562 6.2 method 3: the fraction of the millisecond in 12 bits; never the same tick twice.
    const auto micros =
        static_cast<std::uint64_t>(std::max<std::int64_t>(time.time_since_epoch().count(), 0));
    const std::uint64_t tick = micros / 1000 * 4096 + micros % 1000 * 4096 / 1000;
    last_tick_ = std::max(tick, last_tick_ + 1);
    store_be64(last_tick_ >> 12 << 16 | 0x7000 | (last_tick_ & 0xFFF), id.data());
  }
  id[8] = (id[8] & std::byte{0x3F}) | std::byte{0x80};
  constexpr std::array<std::uint8_t, 16> kPlaces{0,  2,  4,  6,  9,  11, 14, 16,
                                                 19, 21, 24, 26, 28, 30, 32, 34};
  std::string text(36, '-');
  char* const out = text.data();
  for (std::size_t i = 0; i < id.size(); ++i) {
    std::memcpy(out + kPlaces[i], kHexPairs[std::to_integer<std::size_t>(id[i])].data(), 2);
  }
  return text;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

}  // namespace tally
