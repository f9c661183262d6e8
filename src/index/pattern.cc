// SPDX-License-Identifier: Apache-2.0
#include "index/pattern.h"

#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tally::index {
namespace {

char fold_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool equal_folded(const char* text, std::string_view folded) {
  for (std::size_t i = 0; i < folded.size(); ++i) {
    if (fold_char(text[i]) != folded[i]) return false;
  }
  return true;
}

#if defined(__SSE2__)
/// Bit i says that text[i] and text[i + distance] can be the first and last character of the
/// needle. Letters are compared with their case bit set, which lets a few other characters through;
/// the full comparison decides.
unsigned candidates(const char* text, std::size_t distance, char first, char last) {
  const auto test = [](const char* p, char c) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const bool letter = c >= 'a' && c <= 'z';
    const __m128i folded = letter ? _mm_or_si128(v, _mm_set1_epi8(0x20)) : v;
    return _mm_cmpeq_epi8(folded, _mm_set1_epi8(c));
  };
  return static_cast<unsigned>(
      _mm_movemask_epi8(_mm_and_si128(test(text, first), test(text + distance, last))));
}
#endif

}  // namespace

std::string fold(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = fold_char(c);
  return out;
}

std::size_t find_folded(std::string_view text, std::string_view folded, std::size_t from) {
  if (from > text.size() || text.size() - from < folded.size()) return std::string_view::npos;
  if (folded.empty()) return from;
  const char* const begin = text.data();
  const std::size_t last_start = text.size() - folded.size();
  std::size_t at = from;
#if defined(__SSE2__)
  const std::size_t distance = folded.size() - 1;
  for (; at + 16 + distance <= text.size(); at += 16) {
    for (unsigned mask = candidates(begin + at, distance, folded.front(), folded.back()); mask != 0;
         mask &= mask - 1) {
      const std::size_t hit = at + static_cast<std::size_t>(std::countr_zero(mask));
      if (equal_folded(begin + hit, folded)) return hit;
    }
  }
#endif
  for (; at <= last_start; ++at) {
    if (fold_char(begin[at]) == folded.front() && equal_folded(begin + at, folded)) return at;
  }
  return std::string_view::npos;
}

bool matches_whole(const Pattern& pattern, std::string_view text) {
  const std::string_view first = pattern.pieces.front();
  const std::string_view last = pattern.pieces.back();
  if (pattern.pieces.size() == 1)
    return text.size() == first.size() && equal_folded(text.data(), first);
  if (text.size() < first.size() + last.size()) return false;
  if (!equal_folded(text.data(), first)) return false;
  if (!equal_folded(text.data() + text.size() - last.size(), last)) return false;
  const std::string_view middle = text.substr(0, text.size() - last.size());
  std::size_t at = first.size();
  for (std::size_t i = 1; i + 1 < pattern.pieces.size(); ++i) {
    at = find_folded(middle, pattern.pieces[i], at);
    if (at == std::string_view::npos) return false;
    at += pattern.pieces[i].size();
  }
  return true;
}

bool occurs_in(const Pattern& pattern, std::string_view text) {
  std::size_t at = 0;
  for (const std::string& piece : pattern.pieces) {
    at = find_folded(text, piece, at);
    if (at == std::string_view::npos) return false;
    at += piece.size();
  }
  return true;
}

}  // namespace tally::index
