// SPDX-License-Identifier: Apache-2.0
#include "event/strict_scan.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "event/json_scan.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tally::event {
namespace {

/// Objects with more keys than this are checked by sorting instead of one by one.
constexpr std::size_t kKeysComparedMax = 32;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::uint64_t load(const char* p, std::size_t n) {
  std::uint64_t word = 0;
  std::memcpy(&word, p, n);
  return word;
}

std::uint32_t hash_key(std::string_view text) {
  const std::size_t n = text.size();
  std::uint64_t h = n * 0x9E3779B97F4A7C15ULL;
  if (n >= 8) {
    h ^= load(text.data(), 8) ^ std::rotl(load(text.data() + n - 8, 8), 29);
  } else if (n >= 4) {
    h ^= load(text.data(), 4) | load(text.data() + n - 4, 4) << 32;
  } else {
    for (const char c : text) h = h * 257 + static_cast<unsigned char>(c);
  }
  h *= 0xD6E8FEB86659FD93ULL;
  return static_cast<std::uint32_t>(h >> 32);
}

/// Known fields whose text may hold secrets although their names are ours.
bool is_free_text(Field field) {
  return field == Field::error_message || field == Field::api_endpoint ||
         field == Field::target_id || field == Field::target_name;
}

}  // namespace

bool StrictScan::refuse(const char* reason) {
  if (reason_ == nullptr) reason_ = reason;
  return false;
}

inline void StrictScan::space() {
  if (p_ == end_ || static_cast<unsigned char>(*p_) > ' ') return;
  const char* const start = p_;
  p_ = skip_space(p_, end_);
  spaced_ = spaced_ || p_ != start;
}

inline bool StrictScan::string(std::string_view& body, bool& escaped) {
  const char* const start = p_ + 1;
  const char* const stop = find_string_special(start, end_);
  if (stop == end_ || *stop != '"') {
    p_ = stop;
    return escaped_string(start, body, escaped);
  }
  body = {start, static_cast<std::size_t>(stop - start)};
  p_ = stop + 1;
  return true;
}

bool StrictScan::repeated(std::string_view text) {
  json::append_string(repeated_key_, utf8_prefix(text, 64));
  return refuse("repeated key");
}

Error StrictScan::error() const {
  std::string text;
  if (member_.empty()) {
    text = "event";
  } else if (field_of(member_)) {
    text = member_;
  } else {
    json::append_string(text, utf8_prefix(member_, 64));
  }
  text += ": ";
  text += reason_;
  if (!repeated_key_.empty()) text += ' ' + repeated_key_;
  text += " at byte " + std::to_string(p_ - begin_);
  return Error{too_large_ ? Errc::too_large : Errc::malformed, std::move(text)};
}

Result<const std::vector<ScannedMember>*> StrictScan::run(std::string_view text) {
  members_.clear();
  keys_.clear();
  unescaped_.clear();
  repeated_key_.clear();
  member_ = {};
  too_large_ = false;
  reason_ = nullptr;
  begin_ = p_ = text.data();
  end_ = begin_ + text.size();
  if (!is_utf8(text)) return fail(Errc::malformed, "event: not well-formed UTF-8");
  if (!outermost()) return tl::unexpected<Error>(error());
  return &members_;
}

bool StrictScan::outermost() {
  space();
  if (p_ == end_ || *p_ != '{') return refuse("not a JSON object");
  ++p_;
  space();
  bool done = p_ != end_ && *p_ == '}';
  if (done) ++p_;
  KeySet set{.base = 0};
  std::uint64_t seen = 0;
  while (!done) {
    ScannedMember& member = members_.emplace_back();
    member_ = {};
    if (!key(member.key) || !known_key(member, seen, set)) return false;
    member_ = member.key;
    if (!member_value(member) || !separator('}', done)) return false;
  }
  member_ = {};
  if (!close_keys(set)) return false;
  space();
  return p_ == end_ || refuse("more after the object");
}

/// Known fields are counted in a set of bits, the others like the keys of any object.
bool StrictScan::known_key(ScannedMember& member, std::uint64_t& seen, KeySet& set) {
  static_assert(kFieldCount <= 64);
  member.field = field_of(member.key);
  if (!member.field) return add_key(set, member.key);
  const std::uint64_t bit = std::uint64_t{1} << index_of(*member.field);
  if ((seen & bit) != 0) return repeated(member.key);
  seen |= bit;
  return true;
}

bool StrictScan::member_value(ScannedMember& member) {
  spaced_ = false;
  sensitive_ = false;
  if (p_ == end_) return refuse("a value is missing");
  const char* const start = p_;
  if (*p_ == '"') {
    std::string_view body;
    if (!string(body, member.escaped)) return false;
    if (filter_ != nullptr && (!member.field || is_free_text(*member.field))) {
      sensitive_ = filter_->wants_string(body);
    }
  } else if (!value(1)) {
    return false;
  }
  if (filter_ != nullptr && !member.field)
    sensitive_ = sensitive_ || filter_->wants_key(member.key);
  member.raw = {start, static_cast<std::size_t>(p_ - start)};
  member.spaced = spaced_;
  member.sensitive = sensitive_;
  return true;
}

/// A value at nesting level `depth` (the outermost object has 0).
bool StrictScan::value(std::size_t depth) {
  if (p_ == end_) return refuse("a value is missing");
  switch (*p_) {
    case '{': return object(depth);
    case '[': return array(depth);
    case '"': {
      std::string_view body;
      bool escaped = false;
      if (!string(body, escaped)) return false;
      if (filter_ != nullptr && !sensitive_) sensitive_ = filter_->wants_string(body);
      return true;
    }
    case 't': return literal("true");
    case 'f': return literal("false");
    case 'n': return literal("null");
    default: return number();
  }
}

bool StrictScan::object(std::size_t depth) {
  if (depth >= kJsonDepthMax) {
    too_large_ = true;
    return refuse("nested too deeply (128 levels are allowed)");
  }
  ++p_;
  space();
  if (p_ != end_ && *p_ == '}') {
    ++p_;
    return true;
  }
  KeySet set{.base = keys_.size()};
  for (bool done = false; !done;) {
    std::string_view name;
    if (!key(name) || !add_key(set, name)) return false;
    if (filter_ != nullptr && !sensitive_) sensitive_ = key_is_wanted(keys_.back());
    if (!value(depth + 1) || !separator('}', done)) return false;
  }
  return close_keys(set);
}

bool StrictScan::array(std::size_t depth) {
  if (depth >= kJsonDepthMax) {
    too_large_ = true;
    return refuse("nested too deeply (128 levels are allowed)");
  }
  ++p_;
  space();
  if (p_ != end_ && *p_ == ']') {
    ++p_;
    return true;
  }
  for (bool done = false; !done;) {
    if (!value(depth + 1) || !separator(']', done)) return false;
  }
  return true;
}

bool StrictScan::separator(char close, bool& done) {
  space();
  if (p_ == end_) return refuse("the text ends too early");
  if (*p_ == close) {
    ++p_;
    done = true;
    return true;
  }
  if (*p_ != ',') return refuse("a comma or closing bracket is missing");
  ++p_;
  space();
  return true;
}

/// `"name" :` and what follows up to the value.
bool StrictScan::key(std::string_view& text) {
  if (p_ == end_ || *p_ != '"') return refuse("a key is missing");
  bool escaped = false;
  if (!string(text, escaped)) return false;
  if (escaped) text = unescaped_.emplace_back(json::unescape(text));
  space();
  if (p_ == end_ || *p_ != ':') return refuse("a colon is missing");
  ++p_;
  space();
  return true;
}

bool StrictScan::add_key(KeySet& set, std::string_view text) {
  const std::uint32_t hash = hash_key(text);
  const std::uint64_t bit = std::uint64_t{1} << (hash & 63);
  if ((set.bloom & bit) != 0 && !set.unsorted) {
    if (keys_.size() - set.base > kKeysComparedMax) {
      set.unsorted = true;
    } else {
      for (std::size_t i = set.base; i < keys_.size(); ++i) {
        if (keys_[i].hash == hash && keys_[i].text == text) return repeated(text);
      }
    }
  }
  set.bloom |= bit;
  keys_.push_back({hash, text});
  return true;
}

bool StrictScan::key_is_wanted(const Key& key) {
  Verdict& place = verdicts_[key.hash % verdicts_.size()];
  const std::string_view known(place.text.data(), place.size);
  if (known == key.text && !key.text.empty()) return place.wanted;
  const bool wanted = filter_->wants_key(key.text);
  if (key.text.size() <= place.text.size()) {
    std::copy(key.text.begin(), key.text.end(), place.text.begin());
    place.size = static_cast<std::uint8_t>(key.text.size());
    place.wanted = wanted;
  }
  return wanted;
}

bool StrictScan::close_keys(const KeySet& set) {
  const auto first = keys_.begin() + static_cast<std::ptrdiff_t>(set.base);
  if (set.unsorted) {
    std::sort(first, keys_.end());
    const auto twin = std::adjacent_find(first, keys_.end());
    if (twin != keys_.end()) return repeated(twin->text);
  }
  keys_.erase(first, keys_.end());
  return true;
}

/// The rest of a string from the first special character on, which is not its end.
bool StrictScan::escaped_string(const char* start, std::string_view& body, bool& escaped) {
  for (;; p_ = find_string_special(p_, end_)) {
    if (p_ == end_) return refuse("a string does not end");
    if (*p_ == '"') break;
    if (*p_ != '\\') return refuse("a control character in a string");
    escaped = true;
    ++p_;
    if (!escape()) return false;
  }
  body = {start, static_cast<std::size_t>(p_ - start)};
  ++p_;
  return true;
}

bool StrictScan::escape() {
  if (p_ == end_) return refuse("a string does not end");
  const auto unit = [this](const char* p) -> std::optional<unsigned> {
    unsigned value = 0;
    if (end_ - p < 4) return std::nullopt;
    for (int i = 0; i < 4; ++i) {
      const char c = p[i];
      const char lower = static_cast<char>(c | 0x20);
      if (!is_digit(c) && (lower < 'a' || lower > 'f')) return std::nullopt;
      value = value * 16 + static_cast<unsigned>(is_digit(c) ? c - '0' : lower - 'a' + 10);
    }
    return value;
  };
  if (*p_ != 'u') {
    if (*p_ == '\0' || std::strchr("\"\\/bfnrt", *p_) == nullptr)
      return refuse("an unknown escape");
    ++p_;
    return true;
  }
  const auto first = unit(p_ + 1);
  if (!first) return refuse("an escape without four hex digits");
  if (*first < 0xD800 || *first > 0xDFFF) {
    p_ += 5;
    return true;
  }
  const bool high = *first < 0xDC00;
  const auto second =
      high && end_ - p_ >= 11 && p_[5] == '\\' && p_[6] == 'u' ? unit(p_ + 7) : std::nullopt;
  if (!second || *second < 0xDC00 || *second > 0xDFFF) {
    return refuse("a surrogate escape without its partner");
  }
  p_ += 11;
  return true;
}

bool StrictScan::literal(std::string_view word) {
  if (static_cast<std::size_t>(end_ - p_) < word.size() ||
      std::string_view(p_, word.size()) != word) {
    return refuse("an unknown word");
  }
  p_ += word.size();
  return true;
}

bool StrictScan::number() {
  const auto digits = [this] {
    const char* const start = p_;
    while (p_ != end_ && is_digit(*p_)) ++p_;
    return p_ != start;
  };
  if (*p_ == '-') ++p_;
  const char* const integer = p_;
  if (!digits()) return refuse("not a JSON value");
  if (*integer == '0' && p_ - integer > 1) return refuse("a number with a leading zero");
  if (p_ != end_ && *p_ == '.') {
    ++p_;
    if (!digits()) return refuse("a number without digits after its point");
  }
  if (p_ != end_ && (*p_ == 'e' || *p_ == 'E')) {
    ++p_;
    if (p_ != end_ && (*p_ == '+' || *p_ == '-')) ++p_;
    if (!digits()) return refuse("a number without an exponent");
  }
  return true;
}

}  // namespace tally::event
