// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "event/json_scan.h"
#include "redact/excuse.h"
#include "redact/findings.h"
#include "redact/keys.h"
#include "redact/redact.h"
#include "redact/secret_scan.h"

#include <string>
#include <utility>

namespace tally::redact {
namespace {

/// JSON inside strings inside JSON: deeper than this it is masked whole.
constexpr int kEmbeddedMax = 4;

/// Where a value stands; lives on the stack of the walk, so a path costs nothing until it is
/// needed.
struct Place {
  const Place* parent = nullptr;
  std::string_view key;  ///< unescaped
  std::size_t index = 0;
  bool in_array = false;
};

bool is_plain_key(std::string_view key) {
  for (const char c : key) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
    if (!plain) return false;
  }
  return !key.empty();
}

void append_path(std::string& out, const Place* place) {
  if (place->parent == nullptr) return;
  append_path(out, place->parent);
  if (place->in_array) {
    out += '[' + std::to_string(place->index) + ']';
  } else if (is_plain_key(place->key)) {
    if (!out.empty()) out += '.';
    out += place->key;
  } else {
    out += '[';
    json::append_string(out, place->key);
    out += ']';
  }
}

/// Whether the body of a JSON string holds a surrogate escape without its partner.
bool has_lone_surrogate(std::string_view body) {
  const auto surrogate = [&](std::size_t at, char first, char last) {
    // \uD8xx to \uDBxx are high, \uDCxx to \uDFxx low.
    if (at + 6 > body.size() || body[at] != '\\' || body[at + 1] != 'u') return false;
    const char third = static_cast<char>(body[at + 3] | 0x20);
    return (body[at + 2] | 0x20) == 'd' && third >= first && third <= last;
  };
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\') continue;
    if (surrogate(i, 'c', 'f')) return true;
    const bool high = surrogate(i, '8', 'b');  // between '9' and 'a' stands no hex digit
    if (high && !surrogate(i + 6, 'c', 'f')) return true;
    i += high ? 11U : 1U;
  }
  return false;
}

bool looks_like_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return false;
  const char close = text[text.find_last_not_of(" \t\r\n")];
  return (text[first] == '{' && close == '}') || (text[first] == '[' && close == ']');
}

/// Whether neither a member's name nor a string says anything that has to go. Escapes are left to
/// whoever undoes them.
bool is_clean_string(json::Value value) {
  if (value.is_escaped()) return false;
  const std::string_view body = value.body();
  return !may_hold_secrets(body) || (!looks_like_json(body) && find_secrets(body).empty());
}
bool is_clean_member(json::Value value) {
  const std::string_view key = value.key_raw();
  return !value.key_is_escaped() && (key.empty() || !is_sensitive(key)) && is_clean_string(value);
}

/// Walks one valid JSON value and copies it, except for what has to go.
class Walk {
 public:
  Walk(std::string_view json, std::string_view base, Sink sink, int embedded)
      : json_(json), base_(base), sink_(sink), embedded_(embedded) {
    p_ = copied_ = json.data();
    end_ = p_ + json.size();
  }

  /// Whether something was replaced: then result() has it.
  bool run() {
    p_ = event::skip_space(p_, end_);
    const Place root;
    value(root, 0);
    if (copied_ == json_.data()) return false;
    out_.append(copied_, end_);
    return true;
  }
  [[nodiscard]] std::string result() { return std::move(out_); }

 private:
  [[nodiscard]] std::string path(const Place& place) const {
    std::string out(base_);
    append_path(out, &place);
    return out;
  }

  /// Writes `text` instead of the source from `begin` to p_.
  void replace(const char* begin, std::string_view text) {
    if (copied_ == json_.data()) out_.reserve(json_.size() + 16);
    out_.append(copied_, begin);
    out_ += text;
    copied_ = p_;
  }

  bool value(const Place& place, std::size_t depth) {
    if (p_ == end_) return false;
    switch (*p_) {
      case '{': return object(place, depth);
      case '[': return array(place, depth);
      case '"': return string(place);
      default: return skip();
    }
  }

  bool skip() {
    const char* const stop = event::skip_value(p_, end_);
    if (stop == nullptr) {
      p_ = end_;
      return false;
    }
    p_ = stop;
    return true;
  }

  /// Callers promise valid JSON within the depth limit; if they break it, nothing below gets out.
  bool too_deep(const Place& place, std::size_t depth) {
    if (depth < kJsonDepthMax) return false;
    const char* const begin = p_;
    if (!skip()) p_ = end_;
    note(sink_, path(place), "limit:depth", "mask");
    replace(begin, "\"[redacted]\"");
    return true;
  }

  bool object(const Place& place, std::size_t depth) {
    if (too_deep(place, depth)) return true;
    ++p_;
    for (;;) {
      p_ = event::skip_space(p_, end_);
      if (p_ == end_) return false;
      if (*p_ == '}') {
        ++p_;
        return true;
      }
      if (*p_ == ',') {
        ++p_;
        continue;
      }
      if (*p_ != '"' || !member(place, depth)) return false;
    }
  }

  bool member(const Place& place, std::size_t depth) {
    const char* const key_begin = p_;
    bool escaped = false;
    const char* const key_end = event::skip_string(p_, end_, escaped);
    if (key_end == nullptr) return false;
    const std::string_view body(key_begin + 1, static_cast<std::size_t>(key_end - key_begin) - 2);
    std::string storage;
    if (escaped) storage = json::unescape(body);
    const std::string_view key = escaped ? std::string_view(storage) : body;
    p_ = key_end;
    if (escaped && has_lone_surrogate(body)) {
      std::string repaired;
      json::append_string(repaired, key);
      replace(key_begin, repaired);
    }
    p_ = event::skip_space(p_, end_);
    if (p_ == end_ || *p_ != ':') return false;
    p_ = event::skip_space(p_ + 1, end_);
    if (p_ == end_) return false;
    const Place here{.parent = &place, .key = key};
    const KeyMatch match = match_key(key);
    if (!match.rule.empty()) return sensitive(here, match, depth + 1);
    return inherited(here, depth + 1);
  }

  /// The value under a sensitive key.
  bool sensitive(const Place& place, const KeyMatch& match, std::size_t depth) {
    const char first = *p_;
    if (first == 'n' || first == 't' || first == 'f') return skip();
    // `code` is an authorization code only as a string; numbers are error and exit codes.
    if (match.rule == "code" && first != '"') return value(place, depth);
    if (first == '{' || first == '[') {
      if (is_empty_container()) return skip();
      if (!excuses_number(match.excuse)) return mask(place, match.rule);
      // Each part for itself.
      const KeyMatch outer = std::exchange(inherited_, match);
      const bool fine = value(place, depth);
      inherited_ = outer;
      return fine;
    }
    return scalar(place, match);
  }

  /// A string or number under a sensitive key.
  bool scalar(const Place& place, const KeyMatch& match) {
    if (*p_ != '"') return excuses_number(match.excuse) ? skip() : mask(place, match.rule);
    bool escaped = false;
    const char* const stop = event::skip_string(p_, end_, escaped);
    if (stop == nullptr) return skip();
    const std::string_view body(p_ + 1, static_cast<std::size_t>(stop - p_) - 2);
    if (body.empty() || is_stand_in(body)) return skip();
    const bool excused = match.excuse != Excuse::nothing &&
                         excuses_string(match.excuse, escaped ? json::unescape(body) : body);
    return excused ? string(place) : mask(place, match.rule);
  }

  bool mask(const Place& place, std::string_view rule) {
    const char* const begin = p_;
    if (!skip()) return false;
    note(sink_, path(place), "key:" + std::string(rule), "mask");
    replace(begin, "\"[redacted]\"");
    return true;
  }

  [[nodiscard]] bool is_empty_container() const {
    const char* const inside = event::skip_space(p_ + 1, end_);
    return inside != end_ && (*inside == '}' || *inside == ']');
  }

  bool array(const Place& place, std::size_t depth) {
    if (too_deep(place, depth)) return true;
    ++p_;
    for (Place here{.parent = &place, .key = {}, .index = 0, .in_array = true};;) {
      p_ = event::skip_space(p_, end_);
      if (p_ == end_) return false;
      if (*p_ == ']') {
        ++p_;
        return true;
      }
      if (*p_ == ',') {
        ++p_;
        ++here.index;
        continue;
      }
      if (!inherited(here, depth + 1)) return false;
    }
  }

  /// A value without a sensitive name of its own; it may stand inside one that has.
  bool inherited(const Place& place, std::size_t depth) {
    if (inherited_.rule.empty() || p_ == end_ || *p_ != '"') return value(place, depth);
    return scalar(place, inherited_);
  }

  bool string(const Place& place) {
    const char* const begin = p_;
    bool escaped = false;
    const char* const stop = event::skip_string(p_, end_, escaped);
    if (stop == nullptr) {
      p_ = end_;
      return false;
    }
    const std::string_view body(begin + 1, static_cast<std::size_t>(stop - begin) - 2);
    p_ = stop;
    const bool suspicious = may_hold_secrets(body);
    const bool repair = escaped && has_lone_surrogate(body);
    if (!suspicious && !repair) return true;
    const std::string text = escaped ? json::unescape(body) : std::string(body);
    std::string clean = suspicious ? redact_string(text, place) : text;
    if (!repair && clean == text) return true;
    std::string quoted;
    json::append_string(quoted, clean);
    replace(begin, quoted);
    return true;
  }

  std::string redact_string(const std::string& text, const Place& place) {
    if (looks_like_json(text)) {
      if (embedded_ >= kEmbeddedMax) {
        note(sink_, path(place), "limit:embedded", "mask");
        return std::string(kMask);
      }
      json::Document document;
      if (document.parse(text, {.depth_indexed = 0})) {
        const std::string where = path(place);
        Walk inner(text, where, sink_, embedded_ + 1);
        return inner.run() ? inner.result() : text;
      }
    }
    if (find_secrets(text).empty()) return text;
    return redact_text(text, path(place), sink_);
  }

  std::string_view json_;
  std::string_view base_;
  Sink sink_;
  int embedded_;
  KeyMatch inherited_;  ///< of the container whose parts are looked at one by one
  const char* p_;
  const char* copied_;
  const char* end_;
  std::string out_;
};

}  // namespace

std::string_view redact_json(std::string_view json, std::string_view path, Sink sink,
                             std::string& buffer) {
  Walk walk(json, path, sink, 0);
  if (!walk.run()) return json;
  buffer = walk.result();
  return buffer;
}

bool is_surely_clean(json::Value value) {
  // The name of the value itself is the caller's.
  if (!value.is_listed_whole() || !is_clean_string(value)) return false;
  for (const json::Value inside : value.descendants()) {
    if (!is_clean_member(inside)) return false;
  }
  return true;
}

std::string redact_json(std::string_view json, std::string_view path, Sink sink) {
  std::string buffer;
  const std::string_view clean = redact_json(json, path, sink, buffer);
  return clean.data() == json.data() ? std::string(json) : std::move(buffer);
}

std::string redact_json(std::string_view json, std::string_view path,
                        std::vector<Redaction>& redactions) {
  return redact_json(json, path, Sink{redactions, nullptr});
}

}  // namespace tally::redact
