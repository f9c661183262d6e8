// SPDX-License-Identifier: Apache-2.0
#include "redact/secret_scan.h"

#include "base/contains_any.h"
#include "base/encoding.h"
#include "redact/excuse.h"
#include "redact/findings.h"
#include "redact/keys.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace tally::redact {
namespace {

constexpr std::size_t kBearerBytesMin = 6;

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool is_name_char(char c) { return is_alnum(c) || c == '_' || c == '-' || c == '.' || c == '%'; }
bool is_token_char(char c) {
  return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~' || c == '+' || c == '/' ||
         c == '=';
}
bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }
bool is_space(char c) { return c == ' ' || c == '\t'; }
bool is_line_end(char c) { return c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return out;
}

bool equals_folded(std::string_view text, std::string_view lower_word) {
  return text.size() == lower_word.size() && lower(text) == lower_word;
}

/// HTTP fields whose whole value is a secret.
bool is_header_name(std::string_view name) {
  static constexpr std::string_view kNames[] = {"authorization", "proxy-authorization", "cookie",
                                                "set-cookie",    "x-api-key",           "api-key",
                                                "x-auth-token",  "mcp-session-id"};
  const std::string folded = lower(name);
  for (const std::string_view known : kNames) {
    if (folded == known) return true;
  }
  return false;
}

/// Words that follow "Bearer" in prose and challenges.
bool is_bearer_prose(std::string_view word) {
  static constexpr std::string_view kWords[] = {
      "realm",         "token",      "tokens",      "scheme", "authentication",
      "error",         "format",     "header",      "scope",  "challenge",
      "authorization", "credential", "credentials", "method", "schemes"};
  const std::string folded = lower(word);
  for (const std::string_view known : kWords) {
    if (folded == known) return true;
  }
  return false;
}

/// Walks a text once from left to right.
class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {}

  std::vector<SecretSpan> run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (is_alnum(c) || c == '_' || c == '%') {
        word();
      } else if (c == ':' && text_.substr(at_, 3) == "://") {
        at_ += 3;
        user_info();
      } else {
        ++at_;
      }
    }
    return std::move(spans_);
  }

 private:
  [[nodiscard]] char peek(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }

  /// Whether the mask stands at `begin`, with nothing glued to it.
  [[nodiscard]] bool masked_at(std::size_t begin) const {
    if (text_.substr(begin, kMask.size()) != kMask) return false;
    const std::size_t behind = begin + kMask.size();
    return behind == text_.size() || ends_value(text_[behind], true) || closes(text_[behind]);
  }

  void take(std::size_t begin, std::size_t end, std::string rule, bool in_url) {
    if (masked_at(begin)) end = begin + kMask.size();
    at_ = std::max(at_, end);
    if (begin >= end || is_stand_in(text_.substr(begin, end - begin))) return;
    spans_.push_back({begin, end, std::move(rule), in_url});
  }

  void word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_name_char(text_[at_])) ++at_;
    const std::string_view name = text_.substr(begin, at_ - begin);
    if (is_space(peek(at_)) && scheme(name)) return;
    // A closing quote may stand between a name and its separator: "password": "x".
    const std::size_t end = at_;
    std::size_t separator = end;
    const bool quoted =
        is_quote(peek(separator)) && begin > 0 && text_[begin - 1] == text_[separator];
    if (quoted) ++separator;
    while (is_space(peek(separator))) ++separator;
    const char sign = peek(separator);
    if (sign == '=' && separator == end) {
      assignment(begin, name, separator + 1);
    } else if (sign == '=' || (sign == ':' && peek(separator + 1) != '/')) {
      // With white space around '=' (INI files, code) the rules are those of "name: value".
      field(begin, name, separator + 1, quoted);
    }
  }

  /// "Bearer x", "Basic x"; at_ stands behind the first word.
  bool scheme(std::string_view name) {
    const bool bearer = equals_folded(name, "bearer");
    if (!bearer && !equals_folded(name, "basic")) return false;
    std::size_t begin = at_;
    while (is_space(peek(begin))) ++begin;
    std::size_t end = begin;
    while (is_token_char(peek(end))) ++end;
    std::string_view token = text_.substr(begin, end - begin);
    if (bearer) {
      // realm="x": a challenge names no secret.
      const std::size_t equals = token.find('=');
      const bool parameter =
          equals != std::string_view::npos && is_quote(peek(end)) && equals + 1 == token.size();
      if (parameter || token.size() < kBearerBytesMin ||
          is_bearer_prose(token.substr(0, token.find_last_not_of('.') + 1)))
        return false;
      take(begin, end, "value:bearer", false);
      return true;
    }
    const auto pair = from_base64(token);
    if (!pair || pair->find(':') == std::string::npos) return false;
    take(begin, end, "value:basic", false);
    return true;
  }

  /// name=value
  void assignment(std::size_t name_begin, std::string_view name, std::size_t begin) {
    const char before = name_begin > 0 ? text_[name_begin - 1] : '\0';
    const bool in_url = before == '?' || before == '&' || before == '#';
    const std::string decoded = percent_decode(name);
    const KeyMatch match = in_url ? match_parameter(decoded) : match_key(decoded);
    if (match.rule.empty()) return;
    std::size_t end = begin;
    if (is_quote(peek(begin))) {
      const char quote = text_[begin++];
      end = begin;
      while (end < text_.size() && text_[end] != quote) ++end;
    } else {
      end = match.excuse == Excuse::harmless ? begin : behind_scheme(begin);
      while (end < text_.size() && !ends_value(text_[end], in_url)) ++end;
    }
    if (match.rule == "code" && !in_url && is_number(begin, end)) return;
    if (excuses_text(match.excuse, text_.substr(begin, end - begin))) return;
    take(begin, end, (in_url ? "url:" : "text:") + std::string(match.rule), in_url);
  }

  static bool ends_value(char c, bool in_url) {
    return is_space(c) || is_line_end(c) || is_quote(c) || c == '&' || c == ';' || c == '<' ||
           c == '>' || (in_url && c == '#');
  }

  /// name: value; header names take the line, other names the value, weak words only when they are
  /// quoted.
  void field(std::size_t name_begin, std::string_view name, std::size_t begin, bool quoted) {
    while (is_space(peek(begin))) ++begin;
    const KeyMatch match = match_key(name);
    if (match.rule.empty() || (match.weak && !quoted)) return;
    std::size_t end = begin;
    if (!quoted && is_header_name(name)) {
      const char open =
          name_begin > 0 && is_quote(text_[name_begin - 1]) ? text_[name_begin - 1] : '\0';
      while (end < text_.size() && !is_line_end(text_[end]) && (open == '\0' || text_[end] != open))
        ++end;
      while (end > begin && is_space(text_[end - 1])) --end;
      take(begin, end, "header:" + lower(name), false);
      return;
    }
    if (is_quote(peek(begin))) {
      const char quote = text_[begin++];
      end = begin;
      while (end < text_.size() && text_[end] != quote) end += text_[end] == '\\' ? 2U : 1U;
      end = std::min(end, text_.size());
    } else {
      end = match.excuse == Excuse::harmless ? begin : behind_scheme(begin);
      while (end < text_.size() && !ends_value(text_[end], false) && !closes(text_[end])) ++end;
      if (is_literal(text_.substr(begin, end - begin))) return;
    }
    if (match.rule == "code" && is_number(begin, end)) return;
    if (excuses_text(match.excuse, text_.substr(begin, end - begin))) return;
    take(begin, end, "text:" + std::string(match.rule), false);
  }

  /// Where the credentials begin when the value names their scheme first ("token: Bearer x"); else
  /// `begin`. The scheme is masked with them.
  [[nodiscard]] std::size_t behind_scheme(std::size_t begin) const {
    std::size_t end = begin;
    while (is_alnum(peek(end))) ++end;
    const std::string_view word = text_.substr(begin, end - begin);
    if (!is_space(peek(end)) || (!equals_folded(word, "bearer") && !equals_folded(word, "basic"))) {
      return begin;
    }
    while (is_space(peek(end))) ++end;
    return masked_at(end) ? begin : end;
  }

  static bool closes(char c) { return c == ',' || c == '}' || c == ')' || c == ']'; }
  static bool is_literal(std::string_view v) {
    return v == "null" || v == "true" || v == "false" || v == "None" || v == "True" ||
           v == "False" || v == "{" || v == "[";
  }
  [[nodiscard]] bool is_number(std::size_t begin, std::size_t end) const {
    if (peek(begin) == '-') ++begin;
    for (std::size_t i = begin; i < end; ++i) {
      if (!is_digit(text_[i])) return false;
    }
    return begin < end;
  }

  /// scheme://user:password@host; at_ stands behind the slashes.
  void user_info() {
    std::size_t end = at_;
    std::optional<std::size_t> at_sign;
    std::optional<std::size_t> colon;
    for (; end < text_.size(); ++end) {
      const char c = text_[end];
      if (c == '/' || c == '?' || c == '#' || is_space(c) || is_line_end(c) || is_quote(c) ||
          c == '<' || c == '>')
        break;
      if (c == '@') at_sign = end;
      if (c == ':' && !colon) colon = end;
    }
    if (!at_sign || !colon || *colon > *at_sign) return;
    const std::size_t host = *at_sign;
    take(*colon + 1, host, "url:userinfo", false);
    at_ = host;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<SecretSpan> spans_;
};

}  // namespace

std::vector<SecretSpan> find_secrets(std::string_view text) { return Scan(text).run(); }

bool may_hold_secrets(std::string_view body) {
  // Every rule needs one of these; a backslash may hide any of them.
  return body.size() >= 3 && contains_any<'=', ':', '@', ' ', '\t', '{', '[', '\\'>(body);
}

std::string percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  const auto hex = [](char c) {
    return is_digit(c)                              ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : -1;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace tally::redact
