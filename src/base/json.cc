// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <unordered_set>

namespace tally::json {
namespace {

/// Most messages have no more; room for them is made at once.
constexpr std::size_t kUsualNodes = 32;

constexpr std::uint64_t repeat(unsigned char byte) { return 0x0101010101010101ULL * byte; }

/// High bit of every byte of `word` that is '"', '\\' or a control character (bytes >= 0x80 are
/// neither).
std::uint64_t special_bytes(std::uint64_t word) {
  const auto zero = [](std::uint64_t w) { return (w - repeat(1)) & ~w; };
  const std::uint64_t control = (word - repeat(0x20)) & ~word;
  return (zero(word ^ repeat('"')) | zero(word ^ repeat('\\')) | control) & repeat(0x80);
}

/// Which byte of a word is the first with its high bit set. Carries in special_bytes() only go
/// upwards, so its first one is right.
std::size_t first_byte(std::uint64_t highs) {
  return static_cast<std::size_t>(std::countr_zero(highs)) / 8;
}

/// Eight bytes at `p`, the first one lowest.
std::uint64_t load_word(const char* p) {
  std::uint64_t word = 0;
  std::memcpy(&word, p, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

constexpr std::size_t kUtf8BytesMax = 4;
/// A character takes at most this many bytes as an escape, or two of them for one of four bytes.
constexpr std::size_t kEscapeBytesMax = 6;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<unsigned> hex4(const char* p, const char* end) {
  if (end - p < 4) return std::nullopt;
  unsigned value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = p[i];
    unsigned digit = 0;
    if (is_digit(c)) {
      digit = static_cast<unsigned>(c - '0');
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      digit = static_cast<unsigned>((c | 0x20) - 'a' + 10);
    } else {
      return std::nullopt;
    }
    value = value * 16 + digit;
  }
  return value;
}

void append_utf8(std::string& out, unsigned point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | (point >> 6));
    out += static_cast<char>(0x80 | (point & 63));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | (point >> 12));
    out += static_cast<char>(0x80 | ((point >> 6) & 63));
    out += static_cast<char>(0x80 | (point & 63));
  } else {
    out += static_cast<char>(0xF0 | (point >> 18));
    out += static_cast<char>(0x80 | ((point >> 12) & 63));
    out += static_cast<char>(0x80 | ((point >> 6) & 63));
    out += static_cast<char>(0x80 | (point & 63));
  }
}

bool is_high_surrogate(unsigned u) { return u >= 0xD800 && u <= 0xDBFF; }
bool is_low_surrogate(unsigned u) { return u >= 0xDC00 && u <= 0xDFFF; }

/// Reads the escape at `p` (just behind the backslash, before `end`) into `out`.
const char* unescape_one(const char* p, const char* end, std::string& out) {
  switch (*p) {
    case 'b': out += '\b'; return p + 1;
    case 'f': out += '\f'; return p + 1;
    case 'n': out += '\n'; return p + 1;
    case 'r': out += '\r'; return p + 1;
    case 't': out += '\t'; return p + 1;
    case 'u': break;
    default: out += *p; return p + 1;
  }
  const auto unit = hex4(p + 1, end);
  if (!unit) {
    append_utf8(out, 0xFFFD);
    return p + 1;
  }
  unsigned point = *unit;
  p += 5;
  if (is_high_surrogate(point) && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
    const unsigned low = hex4(p + 2, end).value_or(0);
    if (is_low_surrogate(low)) {
      append_utf8(out, 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00));
      return p + 6;
    }
  }
  if (is_high_surrogate(point) || is_low_surrogate(point)) point = 0xFFFD;
  append_utf8(out, point);
  return p;
}

char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

std::string ascii_lower(std::string text) {
  for (char& c : text) c = ascii_lower(c);
  return text;
}

/// The same for keys that differ in nothing but case, mostly another for others.
std::uint32_t key_sign(std::string_view key) {
  if (key.empty()) return 0;
  const auto at = [key](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(key[i]) | 0x20U);
  };
  return static_cast<std::uint32_t>(key.size()) << 24 | at(0) << 16 | at(key.size() / 2) << 8 |
         at(key.size() - 1);
}

bool equal_but_for_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

/// Whether the object has few keys, none with an escape, and no two that anybody could take for the
/// same.
bool has_few_distinct_keys(Value object) {
  constexpr std::size_t kFew = 24;
  std::array<std::uint32_t, kFew> signs;
  std::array<std::string_view, kFew> keys;
  std::size_t count = 0;
  for (const Value child : object.children()) {
    if (count == kFew || child.key_is_escaped()) return false;
    const std::string_view key = child.key_raw();
    const std::uint32_t sign = key_sign(key);
    for (std::size_t i = 0; i < count; ++i) {
      if (signs[i] == sign && equal_but_for_case(keys[i], key)) return false;
    }
    signs[count] = sign;
    keys[count] = key;
    ++count;
  }
  return true;
}

}  // namespace

/// Recursive descent; recursion is bounded by kJsonDepthMax.
class Parser {
 public:
  Parser(Document& document, std::string_view text, Options options)
      : document_(document),
        begin_(text.data()),
        p_(begin_),
        end_(begin_ + text.size()),
        options_(options) {}

  Result<void> run() {
    skip_space();
    if (!value(0, {})) return failure();
    skip_space();
    if (p_ != end_) {
      refuse("more after the value");
      return failure();
    }
    return {};
  }

 private:
  struct Key {
    std::uint32_t begin = 0, end = 0;
    bool escaped = false;
  };

  [[nodiscard]] std::uint32_t offset(const char* p) const {
    return static_cast<std::uint32_t>(p - begin_);
  }

  bool refuse(const char* reason) {
    if (reason_ == nullptr) reason_ = reason;
    return false;
  }

  [[nodiscard]] Result<void> failure() const {
    return fail(too_large_ ? Errc::too_large : Errc::malformed,
                "JSON: " + std::string(reason_) + " at byte " + std::to_string(offset(p_)));
  }

  void skip_space() {
    if (p_ != end_ && static_cast<unsigned char>(*p_) > ' ') return;  // mostly there is none
    while (p_ != end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) ++p_;
  }

  bool value(std::size_t depth, Key key) {
    if (p_ == end_) return refuse("a value is missing");
    const bool listed = depth <= options_.depth_indexed;
    const std::size_t node = document_.nodes_.size();
    if (!listed) {
      document_.listed_whole_ = false;
    } else {
      if (node >= options_.nodes_max) {
        too_large_ = true;
        return refuse("too many values");
      }
      document_.nodes_.push_back(
          {offset(p_), 0, key.begin, key.end, 0, Kind::null, key.escaped, false});
    }
    Kind kind = Kind::null;
    escaped_ = false;
    if (!body(depth, kind)) return false;
    if (listed) {
      Document::Node& n = document_.nodes_[node];
      n.end = offset(p_);
      n.next = static_cast<std::uint32_t>(document_.nodes_.size());
      n.kind = kind;
      n.escaped = escaped_ && kind == Kind::string;
    }
    return true;
  }

  bool body(std::size_t depth, Kind& kind) {
    switch (*p_) {
      case '{': kind = Kind::object; return object(depth);
      case '[': kind = Kind::array; return array(depth);
      case '"': kind = Kind::string; return string();
      case 't': kind = Kind::boolean; return literal("true");
      case 'f': kind = Kind::boolean; return literal("false");
      case 'n': kind = Kind::null; return literal("null");
      default: kind = Kind::number; return number();
    }
  }

  bool enter(std::size_t depth) {
    if (depth + 1 > kJsonDepthMax) {
      too_large_ = true;
      return refuse("nested too deeply");
    }
    ++p_;
    skip_space();
    return true;
  }

  /// After a member or element: true to go on with another one, `done` set at the closing bracket.
  bool separator(char close, bool& done) {
    skip_space();
    if (p_ == end_) return refuse("the text ends inside a container");
    if (*p_ == close) {
      ++p_;
      done = true;
      return true;
    }
    if (*p_ != ',') return refuse("a comma or closing bracket is missing");
    ++p_;
    skip_space();
    return true;
  }

  bool object(std::size_t depth) {
    if (!enter(depth)) return false;
    bool done = false;
    if (p_ != end_ && *p_ == '}') {
      ++p_;
      done = true;
    }
    while (!done) {
      if (p_ == end_ || *p_ != '"') return refuse("a key is missing");
      Key key;
      key.begin = offset(p_) + 1;
      escaped_ = false;
      if (!string()) return false;
      key.end = offset(p_) - 1;
      key.escaped = escaped_;
      skip_space();
      if (p_ == end_ || *p_ != ':') return refuse("a colon is missing");
      ++p_;
      skip_space();
      if (!value(depth + 1, key) || !separator('}', done)) return false;
    }
    return true;
  }

  bool array(std::size_t depth) {
    if (!enter(depth)) return false;
    bool done = false;
    if (p_ != end_ && *p_ == ']') {
      ++p_;
      done = true;
    }
    while (!done) {
      if (!value(depth + 1, {}) || !separator(']', done)) return false;
    }
    return true;
  }

  /// At the opening quote; leaves p_ behind the closing one.
  bool string() {
    ++p_;
    for (;;) {
      skip_plain();
      if (p_ == end_) return refuse("a string does not end");
      if (*p_ == '"') {
        ++p_;
        return true;
      }
      if (*p_ != '\\') return refuse("a control character in a string");
      ++p_;
      escaped_ = true;
      if (!escape()) return false;
    }
  }

  void skip_plain() {
    const char* p = p_;  // a member would be loaded and stored for each step
    while (end_ - p >= 8) {
      if (const std::uint64_t special = special_bytes(load_word(p)); special != 0) {
        p_ = p + first_byte(special);
        return;
      }
      p += 8;
    }
    while (p != end_ && *p != '"' && *p != '\\' && static_cast<unsigned char>(*p) >= 0x20) ++p;
    p_ = p;
  }

  bool escape() {
    if (p_ == end_) return refuse("a string does not end");
    if (*p_ != 'u') {
      if (std::strchr("\"\\/bfnrt", *p_) == nullptr || *p_ == '\0')
        return refuse("an unknown escape");
      ++p_;
      return true;
    }
    const auto unit = hex4(p_ + 1, end_);
    if (!unit) return refuse("an escape without four hex digits");
    p_ += 5;
    if (is_low_surrogate(*unit)) document_.lone_surrogate_ = true;
    if (!is_high_surrogate(*unit)) return true;
    const bool pair = end_ - p_ >= 6 && p_[0] == '\\' && p_[1] == 'u' &&
                      is_low_surrogate(hex4(p_ + 2, end_).value_or(0));
    if (pair) {
      p_ += 6;
    } else {
      document_.lone_surrogate_ = true;
    }
    return true;
  }

  bool literal(std::string_view word) {
    if (static_cast<std::size_t>(end_ - p_) < word.size() ||
        std::string_view(p_, word.size()) != word) {
      return refuse("an unknown word");
    }
    p_ += word.size();
    return true;
  }

  bool digits() {
    if (p_ == end_ || !is_digit(*p_)) return refuse("not a JSON value");
    while (p_ != end_ && is_digit(*p_)) ++p_;
    return true;
  }

  bool number() {
    if (*p_ == '-') ++p_;
    if (p_ != end_ && *p_ == '0') {
      ++p_;
      if (p_ != end_ && is_digit(*p_)) return refuse("a number with a leading zero");
    } else if (!digits()) {
      return false;
    }
    if (p_ != end_ && *p_ == '.') {
      ++p_;
      if (!digits()) return false;
    }
    if (p_ != end_ && (*p_ == 'e' || *p_ == 'E')) {
      ++p_;
      if (p_ != end_ && (*p_ == '+' || *p_ == '-')) ++p_;
      if (!digits()) return false;
    }
    return true;
  }

  Document& document_;
  const char* begin_;
  const char* p_;
  const char* end_;
  Options options_;
  const char* reason_ = nullptr;
  bool too_large_ = false;
  bool escaped_ = false;  // the string just read has an escape
};

Result<Value> Document::parse(std::string_view text, Options options) & {
  nodes_.clear();
  text_ = text;
  lone_surrogate_ = false;
  listed_whole_ = true;
  if (text.size() > std::numeric_limits<std::uint32_t>::max() / 2) {
    return fail(Errc::too_large, "JSON: the text is over 2 GiB");
  }
  if (!is_utf8(text)) return fail(Errc::malformed, "JSON: not well-formed UTF-8");
  if (nodes_.capacity() == 0) nodes_.reserve(std::min(text.size() / 8 + 2, kUsualNodes));
  Parser parser(*this, text, options);
  TALLY_TRY_VOID(parser.run());
  return Value(*this, 0);
}

void Document::shrink(std::size_t nodes_kept) {
  if (nodes_.capacity() <= nodes_kept) return;
  nodes_ = std::vector<Node>();
  nodes_.reserve(nodes_kept);
}

/// One that is too long for the text is not unescaped.
bool detail::escaped_body_is(std::string_view body, std::string_view text) {
  if (body.size() < text.size()) return false;  // no escape is shorter than what it stands for
  if (body.size() > kEscapeBytesMax * text.size()) return false;
  return unescape(body) == text;
}

std::string Value::key() const {
  const std::string_view raw_key = key_raw();
  return document_->nodes_[node_].key_escaped ? unescape(raw_key) : std::string(raw_key);
}

std::string Value::text() const {
  return document_->nodes_[node_].escaped ? unescape(body()) : std::string(body());
}

std::string Value::key_start(std::size_t bytes_max) const {
  if (document_->nodes_[node_].key_escaped) return unescape_start(key_raw(), bytes_max);
  return std::string(utf8_prefix(key_raw(), bytes_max));
}

std::string Value::text_start(std::size_t bytes_max) const {
  if (document_->nodes_[node_].escaped) return unescape_start(body(), bytes_max);
  return std::string(utf8_prefix(body(), bytes_max));
}

std::optional<Value> Value::find(std::string_view name) const {
  if (kind() != Kind::object) return std::nullopt;
  for (const Value child : children()) {
    if (child.key_is(name)) return child;
  }
  return std::nullopt;
}

std::optional<Value> Value::find_path(std::initializer_list<std::string_view> names) const {
  std::optional<Value> at = *this;
  for (const std::string_view name : names) {
    at = at->find(name);
    if (!at) return std::nullopt;
  }
  return at;
}

std::optional<AmbiguousKey> ambiguous_key(Value object) {
  if (!object.is(Kind::object) || has_few_distinct_keys(object)) return std::nullopt;
  std::unordered_set<std::string> exact;
  std::unordered_set<std::string> folded;
  for (const Value child : object.children()) {
    std::string key = child.key();
    if (!exact.insert(key).second) return AmbiguousKey{std::move(key), false};
    if (!folded.insert(ascii_lower(key)).second) return AmbiguousKey{std::move(key), true};
  }
  return std::nullopt;
}

std::string unescape(std::string_view body) {
  std::string out;
  out.reserve(body.size());
  static_cast<void>(unescape_some(body, std::numeric_limits<std::size_t>::max(), out));
  return out;
}

std::string unescape_start(std::string_view body, std::size_t bytes_max) {
  std::string out;
  static_cast<void>(unescape_some(body, bytes_max + kUtf8BytesMax, out));
  if (out.size() > bytes_max) out.resize(utf8_prefix(out, bytes_max).size());
  return out;
}

std::size_t unescape_some(std::string_view body, std::size_t bytes_max, std::string& out) {
  const char* p = body.data();
  const char* const end = p + body.size();
  while (p != end && out.size() < bytes_max) {
    const auto left = std::min(static_cast<std::size_t>(end - p), bytes_max - out.size());
    const auto* slash = static_cast<const char*>(std::memchr(p, '\\', left));
    const char* stop = slash == nullptr ? p + left : slash;
    out.append(p, stop);
    p = stop;
    if (slash == nullptr) continue;
    ++p;  // the backslash
    if (p != end) p = unescape_one(p, end, out);
  }
  return body.size() - static_cast<std::size_t>(end - p);
}

}  // namespace tally::json
