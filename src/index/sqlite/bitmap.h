// SPDX-License-Identifier: Apache-2.0
// A set of positions in one partition: conditions are combined as whole words.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace tally::index::sqlite {

/// Entries of one partition: its file is made within a second, a set of them fits 16 KiB.
inline constexpr std::uint32_t kPartitionRows = 131'072;

/// Positions below kPartitionRows. A value of 16 KiB; allocate many with care.
class Bitmap {
 public:
  static constexpr std::size_t kWords = kPartitionRows / 64;

  void set(std::uint32_t at) { words_[at >> 6] |= std::uint64_t{1} << (at & 63); }
  [[nodiscard]] bool test(std::uint32_t at) const {
    return (words_[at >> 6] >> (at & 63) & 1) != 0;
  }
  /// Adds [begin, end).
  void set_range(std::uint32_t begin, std::uint32_t end) {
    for (std::uint32_t at = begin; at < end;) {
      const std::uint32_t count = std::min(64 - (at & 63), end - at);
      words_[at >> 6] |= mask(at & 63, count);
      at += count;
    }
  }
  void clear() { words_.fill(0); }

  void operator&=(const Bitmap& other) {
    for (std::size_t i = 0; i < kWords; ++i) words_[i] &= other.words_[i];
  }
  void operator|=(const Bitmap& other) {
    for (std::size_t i = 0; i < kWords; ++i) words_[i] |= other.words_[i];
  }
  void remove(const Bitmap& other) {
    for (std::size_t i = 0; i < kWords; ++i) words_[i] &= ~other.words_[i];
  }

  [[nodiscard]] bool empty() const {
    return std::ranges::all_of(words_, [](std::uint64_t word) { return word == 0; });
  }
  [[nodiscard]] std::uint32_t count() const {
    std::uint32_t sum = 0;
    for (const std::uint64_t word : words_) sum += bits_in(word);
    return sum;
  }
  /// Members in [begin, end).
  [[nodiscard]] std::uint32_t count(std::uint32_t begin, std::uint32_t end) const {
    std::uint32_t sum = 0;
    for (std::uint32_t at = begin; at < end;) {
      const std::uint32_t bits = std::min(64 - (at & 63), end - at);
      sum += bits_in(words_[at >> 6] & mask(at & 63, bits));
      at += bits;
    }
    return sum;
  }

  /// Members among 64. Where the processor need not have an instruction for it, std::popcount is a
  /// function call for each word, and counting took as long as everything else.
  static constexpr std::uint32_t bits_in(std::uint64_t word) {
    word -= word >> 1 & 0x5555'5555'5555'5555;
    word = (word & 0x3333'3333'3333'3333) + (word >> 2 & 0x3333'3333'3333'3333);
    word = (word + (word >> 4)) & 0x0F0F'0F0F'0F0F'0F0F;
    return static_cast<std::uint32_t>(word * 0x0101'0101'0101'0101 >> 56);
  }

  /// Calls `visit` with each member, rising; false ends it.
  template <class Visitor>
  void each(Visitor&& visit) const {
    for (std::size_t i = 0; i < kWords; ++i) {
      for (std::uint64_t word = words_[i]; word != 0; word &= word - 1) {
        if (!visit(static_cast<std::uint32_t>(i * 64) +
                   static_cast<std::uint32_t>(std::countr_zero(word))))
          return;
      }
    }
  }
  /// The same, falling.
  template <class Visitor>
  void each_backwards(Visitor&& visit) const {
    for (std::size_t i = kWords; i-- > 0;) {
      for (std::uint64_t word = words_[i]; word != 0;) {
        const auto bit = static_cast<std::uint32_t>(63 - std::countl_zero(word));
        word &= ~(std::uint64_t{1} << bit);
        if (!visit(static_cast<std::uint32_t>(i * 64) + bit)) return;
      }
    }
  }

  [[nodiscard]] const std::array<std::uint64_t, kWords>& words() const { return words_; }
  [[nodiscard]] std::array<std::uint64_t, kWords>& words() { return words_; }

 private:
  static constexpr std::uint64_t mask(std::uint32_t from, std::uint32_t count) {
    return count == 64 ? ~std::uint64_t{0} : ((std::uint64_t{1} << count) - 1) << from;
  }
  std::array<std::uint64_t, kWords> words_{};
};

}  // namespace tally::index::sqlite
