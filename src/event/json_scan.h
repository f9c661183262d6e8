// SPDX-License-Identifier: Apache-2.0
// Moving over JSON text that has been checked before: find ends of values without building
// anything. Safe on any bytes, but only meaningful on valid JSON.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tally::event {

/// First '"', '\\' or control character at or after `p`, else `end`. Inline: strings of events are
/// short, and a call for each would cost more than the search.
inline const char* find_string_special(const char* p, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i slash = _mm_set1_epi8('\\');
  const __m128i control = _mm_set1_epi8(0x1F);
  for (; end - p >= 16; p += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i hit =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash)),
                     _mm_cmpeq_epi8(_mm_min_epu8(v, control), v));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hit));
    if (mask != 0) return p + std::countr_zero(mask);
  }
#endif
  while (p != end && *p != '"' && *p != '\\' && static_cast<unsigned char>(*p) >= 0x20) ++p;
  return p;
}

/// Behind the string that starts at `p` (its opening quote); nullptr when it does not end.
/// `escaped` is set when it holds a backslash, and left alone otherwise.
const char* skip_string(const char* p, const char* end, bool& escaped);

/// Behind the value that starts at `p`; nullptr when it does not end. Looks at quotes and brackets
/// only.
const char* skip_value(const char* p, const char* end);

inline const char* skip_space(const char* p, const char* end) {
  while (p != end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) ++p;
  return p;
}

/// Walks the members of one object: while (members.next()) { use key(), raw() }. Bytes before and
/// behind the object are not looked at.
class MemberScan {
 public:
  explicit MemberScan(std::string_view object);
  /// Moves to the next member; false at the end and at the first malformed place (see ok()).
  bool next();
  [[nodiscard]] std::string_view key() const {
    return key_;
  }  ///< between the quotes, still escaped
  [[nodiscard]] bool key_escaped() const { return key_escaped_; }
  [[nodiscard]] std::string_view raw() const { return raw_; }
  /// After next() returned false: whether the object ended properly.
  [[nodiscard]] bool ok() const { return ok_; }
  /// Where the closing brace stands behind; only after the end.
  [[nodiscard]] const char* position() const { return p_; }

 private:
  bool stop(bool ok) {
    ok_ = ok;
    done_ = true;
    return false;
  }
  const char* p_;
  const char* end_;
  std::string_view key_, raw_;
  bool key_escaped_ = false, first_ = true, done_ = false, ok_ = false;
};

/// Raw value of the first member with this key (which needs no escaping) of an object; nullopt when
/// there is none.
std::optional<std::string_view> find_member(std::string_view object, std::string_view key);

/// A string value's characters: `raw` includes the quotes. Avoids work when nothing is escaped;
/// `storage` keeps the result otherwise. Empty for values that are no strings.
std::string_view string_text(std::string_view raw, std::string& storage);

}  // namespace tally::event
