// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/term_hash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tally::index::sqlite {
namespace {

constexpr Seed kSeed{0x0706050403020100, 0x0f0e0d0c0b0a0908};

TEST(TermHash, KeysAndTextsAreToldApartAndCaseIsNot) {
  std::set<std::uint64_t> all;
  for (std::uint8_t key = 0; key < 20; ++key) {
    for (const char* text : {"", "a", "b", "ab", "é"}) all.insert(term_hash(kSeed, key, text));
  }
  EXPECT_EQ(all.size(), 100U);
  EXPECT_EQ(term_hash(kSeed, 1, "AbZ@["), term_hash(kSeed, 1, "abz@["));
  EXPECT_NE(term_hash(kSeed, 1, "AbZ", false), term_hash(kSeed, 1, "abz", false));
  const std::string large(1'000, 'X');
  EXPECT_EQ(term_hash(kSeed, 1, large), term_hash(kSeed, 1, std::string(1'000, 'x')));
}

TEST(TermHash, OnlyAsciiLettersAreFoldedWhereverTheyStand) {
  for (int byte = 0; byte < 256; ++byte) {
    const bool upper = byte >= 'A' && byte <= 'Z';
    for (std::size_t at = 0; at < 19; ++at) {
      std::string text(19, static_cast<char>(255 - byte));
      if (const char c = text[at]; c >= 'A' && c <= 'Z') text.assign(19, '@');
      std::string lower = text;
      text[at] = static_cast<char>(byte);
      lower[at] = static_cast<char>(upper ? byte + 0x20 : byte);
      EXPECT_EQ(term_hash(kSeed, 1, text), term_hash(kSeed, 1, lower, false)) << byte << " " << at;
    }
  }
}

}  // namespace
}  // namespace tally::index::sqlite
