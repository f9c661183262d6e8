// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include "base/check.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <sys/random.h>

namespace tally {
namespace {

std::uint64_t load_be(const std::byte* in) {
  std::uint64_t value = 0;
  std::memcpy(&value, in, sizeof value);
  if constexpr (std::endian::native == std::endian::little) value = __builtin_bswap64(value);
  return value;
}

/// The eight hex digits of `value`, all at once: each half byte gets a byte of its own, which
/// becomes a digit.
void write_hex8(std::uint32_t value, char* out) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  std::uint64_t digits = value;
  digits = (digits | digits << 16) & 0x0000FFFF0000FFFF;
  digits = (digits | digits << 8) & 0x00FF00FF00FF00FF;
  digits = (digits | digits << 4) & 0x0F0F0F0F0F0F0F0F;
  const std::uint64_t letters = (digits + kOnes * 6) >> 4 & kOnes;  // of those above 9
  digits += kOnes * '0' + letters * ('a' - '0' - 10);
  if constexpr (std::endian::native == std::endian::little) digits = __builtin_bswap64(digits);
  std::memcpy(out, &digits, sizeof digits);
}

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
  std::uint64_t high = 0, low = 0;
  {
    const std::lock_guard lock(mutex_);
    if (pool_used_ + 8 > pool_.size()) {
      random_.fill(pool_);
      pool_used_ = 0;
    }
    low = load_be(&pool_[pool_used_]);
    pool_used_ += 8;
    // RFC 9562 6.2 method 3: the fraction of the millisecond in 12 bits; never the same tick twice.
    const auto micros =
        static_cast<std::uint64_t>(std::max<std::int64_t>(time.time_since_epoch().count(), 0));
    const std::uint64_t tick = micros / 1000 * 4096 + micros % 1000 * 4096 / 1000;
    last_tick_ = std::max(tick, last_tick_ + 1);
    high = last_tick_ >> 12 << 16 | 0x7000 | (last_tick_ & 0xFFF);
  }
  low = (low & 0x3FFF'FFFF'FFFF'FFFF) | 0x8000'0000'0000'0000;
  std::array<char, 32> digits;  // NOLINT: filled below
  write_hex8(static_cast<std::uint32_t>(high >> 32), &digits[0]);
  write_hex8(static_cast<std::uint32_t>(high), &digits[8]);
  write_hex8(static_cast<std::uint32_t>(low >> 32), &digits[16]);
  write_hex8(static_cast<std::uint32_t>(low), &digits[24]);
  std::string text(36, '-');
  char* const out = text.data();
  std::memcpy(out, &digits[0], 8);
  std::memcpy(out + 9, &digits[8], 4);
  std::memcpy(out + 14, &digits[12], 4);
  std::memcpy(out + 19, &digits[16], 4);
  std::memcpy(out + 24, &digits[20], 12);
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
