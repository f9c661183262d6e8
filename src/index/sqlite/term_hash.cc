// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/term_hash.h"

#include <cstring>
#include <string>

namespace tally::index::sqlite {
namespace {

/// ASCII letters of eight bytes in lower case; the others stay.
std::uint64_t folded(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x80 * kOnes;
  const std::uint64_t low = word & ~kHigh;  // sums of these stay in their byte
  const std::uint64_t from_a = low + (0x80 - 'A') * kOnes;
  const std::uint64_t behind_z = low + (0x80 - 'Z' - 1) * kOnes;
  return word | ((from_a & ~behind_z & ~word & kHigh) >> 2);
}

void append_folded(char* out, std::string_view text) {
  std::uint64_t word = 0;
  std::size_t at = 0;
  for (; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    word = folded(word);
    std::memcpy(out + at, &word, sizeof word);
  }
  for (; at < text.size(); ++at) {
    const char c = text[at];
    out[at] = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  }
}

}  // namespace

std::uint64_t term_hash(const Seed& seed, std::uint8_t key, std::string_view text, bool fold_case) {
  const auto put = [&](char* out) {
    *out = static_cast<char>(key);
    if (fold_case) {
      append_folded(out + 1, text);
    } else {
      text.copy(out + 1, text.size());
    }
  };
  const auto other_than_none = [](std::uint64_t hash) { return hash == kNoHash ? ~kNoHash : hash; };
  char small[256];
  if (text.size() < sizeof small) {
    put(small);
    return other_than_none(siphash(seed, {small, text.size() + 1}));
  }
  std::string large(text.size() + 1, '\0');
  put(large.data());
  return other_than_none(siphash(seed, large));
}

}  // namespace tally::index::sqlite
