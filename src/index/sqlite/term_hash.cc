// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/term_hash.h"

#include <string>

namespace tally::index::sqlite {

std::uint64_t term_hash(const Seed& seed, std::uint8_t key, std::string_view text, bool fold_case) {
  const auto put = [&](char* out) {
    *out = static_cast<char>(key);
    if (!fold_case) {
      text.copy(out + 1, text.size());
      return;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      out[i + 1] = fold_case && c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
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
