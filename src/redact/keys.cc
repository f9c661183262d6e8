// SPDX-License-Identifier: Apache-2.0
#include "redact/keys.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tally::redact {
namespace {

enum class Where : std::uint8_t {
  anywhere,  ///< any segments of the name
  last,      ///< the last segment; a number behind it does not count
  whole,     ///< the whole name
};

struct Pattern {
  std::array<std::string_view, 3> segments;
  std::string_view rule;
  Where where = Where::anywhere;
  bool weak = false;  ///< alone it is an ordinary word too
  Excuse excuse = Excuse::nothing;
};

// Contract 1, with plurals, spellings without separators, and relatives that hold the same kind of
// secret.
constexpr Pattern kPatterns[] = {
    {{"password"}, "password"},
    {{"passwords"}, "password"},
    {{"passwd"}, "passwd"},
    {{"pass", "word"}, "password"},
    {{"pass", "words"}, "password"},
    // A shell keeps its working directory in a variable of this name.
    {{"pwd"}, "password", Where::whole, false, Excuse::path},
    {{"pwd"}, "password"},
    // Test runs count what passed.
    {{"pass"}, "password", Where::whole, true, Excuse::number},
    {{"pass"}, "password", Where::last},
    {{"pass", "phrase"}, "passphrase"},
    {{"pass", "code"}, "passcode"},
    {{"passphrase"}, "passphrase"},
    {{"passphrases"}, "passphrase"},
    {{"passcode"}, "passcode"},
    {{"secret"}, "secret"},
    {{"secrets"}, "secret"},
    {{"token"}, "token"},
    {{"tokens"}, "token", Where::anywhere, false, Excuse::count},
    {{"apitoken"}, "token"},
    {{"apitokens"}, "token"},
    {{"authtokens"}, "token"},
    {{"accesstokens"}, "access_token"},
    {{"refreshtokens"}, "refresh_token"},
    {{"accesstoken"}, "access_token"},
    {{"access", "tokens"}, "access_token"},
    {{"refreshtoken"}, "refresh_token"},
    {{"refresh", "tokens"}, "refresh_token"},
    {{"idtoken"}, "id_token"},
    {{"authtoken"}, "token"},
    {{"sessiontoken"}, "token"},
    {{"csrftoken"}, "token"},
    {{"xsrftoken"}, "token"},
    {{"bearertoken"}, "token"},
    {{"jwt"}, "token"},
    {{"bearer"}, "bearer", Where::anywhere, true},
    {{"api", "key"}, "api_key"},
    {{"api", "keys"}, "api_key"},
    {{"apikey"}, "api_key"},
    {{"apikeys"}, "api_key"},
    {{"private", "key"}, "private_key"},
    {{"private", "keys"}, "private_key"},
    {{"privatekey"}, "private_key"},
    {{"access", "key"}, "access_key"},
    {{"accesskey"}, "access_key"},
    {{"signing", "key"}, "private_key"},
    {{"encryption", "key"}, "private_key"},
    {{"authorization"}, "authorization"},
    {{"cookie"}, "cookie"},
    {{"cookies"}, "cookie"},
    {{"setcookie"}, "set_cookie"},
    {{"credential"}, "credential"},
    {{"credentials"}, "credentials"},
    {{"creds"}, "credentials"},
    {{"clientsecret"}, "client_secret"},
    {{"secretkey"}, "secret"},
    {{"code", "verifier"}, "code_verifier"},
    {{"codeverifier"}, "code_verifier"},
    {{"request", "state"}, "request_state"},
    {{"requeststate"}, "request_state"},
    {{"session", "id"}, "session_id"},
    {{"session", "ids"}, "session_id"},
    {{"sessionid"}, "session_id"},
    {{"sessid"}, "session_id"},
    {{"jsessionid"}, "session_id"},
    {{"phpsessid"}, "session_id"},
    {{"pin"}, "pin", Where::anywhere, true},
    {{"pincode"}, "pin"},
    {{"otp"}, "otp", Where::anywhere, true},
    {{"otpcode"}, "otp"},
    {{"totp"}, "otp"},
    {{"assertion"}, "assertion", Where::last, true},
    {{"code"}, "code", Where::whole, true},
    {{"auth", "code"}, "code"},
    {{"authcode"}, "code"},
    {{"device", "code"}, "code"},
    {{"devicecode"}, "code"},
    {{"verification", "code"}, "code"},
    {{"security", "code"}, "code"},
    {{"recovery", "code"}, "code"},
    {{"mfa", "code"}, "code"},
    {{"sms", "code"}, "code"},
    {{"auth"}, "auth", Where::anywhere, true},
};

/// First segments by their ends and length: nearly every key is known to hold nothing by that.
constexpr std::size_t kMarks = 1024;
constexpr std::size_t mark_of(std::string_view segment) {
  const auto first = static_cast<unsigned char>(segment.front());
  const auto last = static_cast<unsigned char>(segment.back());
  return (first * 37U + last * 5U + segment.size()) % kMarks;
}
constexpr std::array<bool, kMarks> make_marks() {
  std::array<bool, kMarks> out{};
  for (const Pattern& p : kPatterns) out[mark_of(p.segments[0])] = true;
  return out;
}
constexpr std::array<bool, kMarks> kIsMarked = make_marks();

bool may_begin_pattern(std::string_view segment) { return kIsMarked[mark_of(segment)]; }

/// Behind a match: such a value speaks about the secret.
constexpr std::string_view kDescriptors[] = {
    "count",    "counts",     "limit",    "limits",    "usage",  "budget",  "length",    "size",
    "type",     "types",      "name",     "names",     "policy", "ttl",     "expires",   "expiry",
    "expired",  "expiration", "in",       "at",        "time",   "status",  "url",       "uri",
    "server",   "servers",    "endpoint", "endpoints", "method", "methods", "supported", "required",
    "present",  "enabled",    "format",   "formats",   "mode",   "modes",   "scheme",    "schemes",
    "provider", "providers",  "level",    "version",   "sock",   "socket"};

/// In front of "tokens": numbers of tokens, even where they come as text.
constexpr std::string_view kQuantities[] = {"max",        "min",   "total", "prompt",
                                            "completion", "input", "output"};

template <std::size_t N>
bool is_one_of(const std::string_view (&words)[N], std::string_view segment) {
  return std::ranges::find(words, segment) != std::end(words);
}
bool is_descriptor(std::string_view segment) { return is_one_of(kDescriptors, segment); }

enum class Class : std::uint8_t { separator, lower, upper, digit };

Class class_of(char c) {
  if (c >= 'a' && c <= 'z') return Class::lower;
  if (c >= 'A' && c <= 'Z') return Class::upper;
  if (c >= '0' && c <= '9') return Class::digit;
  // Bytes of other alphabets belong to their word.
  return static_cast<unsigned char>(c) >= 0x80 ? Class::lower : Class::separator;
}

/// Segments of a name in lower case. Names are short; the rare long ones use the heap.
class Segments {
 public:
  explicit Segments(std::string_view name) : lower_(name) {
    std::size_t begin = 0;
    segments_.reserve(4);  // more are rare
    for (std::size_t i = 0; i < name.size(); ++i) {
      const Class c = class_of(name[i]);
      if (i > begin && splits(name, i, c)) {
        add(begin, i);
        begin = i;
      }
      if (c == Class::separator) begin = i + 1;
      if (c == Class::upper) lower_[i] = static_cast<char>(name[i] | 0x20);
    }
    if (begin < name.size()) add(begin, name.size());
  }
  [[nodiscard]] std::size_t size() const { return segments_.size(); }
  [[nodiscard]] std::string_view operator[](std::size_t i) const {
    return std::string_view(lower_).substr(segments_[i].begin, segments_[i].size);
  }

 private:
  struct Place {
    std::size_t begin, size;
  };
  static bool splits(std::string_view name, std::size_t i, Class c) {
    const Class before = class_of(name[i - 1]);
    if (c == Class::separator) return true;
    if ((c == Class::digit) != (before == Class::digit)) return true;
    if (c == Class::upper && before == Class::lower) return true;
    // The last capital of a run begins the next word: APIKey is API and Key.
    return c == Class::upper && before == Class::upper && i + 1 < name.size() &&
           class_of(name[i + 1]) == Class::lower;
  }
  void add(std::size_t begin, std::size_t end) { segments_.push_back({begin, end - begin}); }

  std::string lower_;
  std::vector<Place> segments_;
};

std::size_t length_of(const Pattern& p) {
  return p.segments[1].empty() ? 1 : p.segments[2].empty() ? 2 : 3;
}

bool stands_at(const Pattern& p, const Segments& s, std::size_t at) {
  for (std::size_t i = 0; i < length_of(p); ++i) {
    if (at + i >= s.size() || s[at + i] != p.segments[i]) return false;
  }
  return true;
}

bool is_number(std::string_view segment) { return segment[0] >= '0' && segment[0] <= '9'; }

/// Where a pattern that stands at `at` ends; a number belongs to its word.
std::size_t end_of(const Pattern& p, const Segments& s, std::size_t at) {
  std::size_t end = at + length_of(p);
  while (end < s.size() && is_number(s[end])) ++end;
  return end;
}

bool applies(const Pattern& p, const Segments& s, std::size_t at) {
  const std::size_t end = end_of(p, s, at);
  switch (p.where) {
    case Where::whole: return at == 0 && end == s.size();
    case Where::last: return end == s.size();
    case Where::anywhere: break;
  }
  if (at == 0) return true;
  const std::string_view before = s[at - 1];
  if (s[at] == "token") return before != "progress";
  if (s[at] == "tokens") return !is_one_of(kQuantities, before);
  return s[at] != "auth" || before != "o";  // OAuth is a word of its own, as oauth is
}

/// Whether descriptors and nothing else stand behind the match.
bool is_described(const Segments& s, std::size_t end) {
  if (end == s.size()) return false;
  while (end < s.size() && is_descriptor(s[end])) ++end;
  return end == s.size();
}

Excuse excuse_of_descriptor(std::string_view last) {
  return last == "sock" || last == "socket" ? Excuse::path : Excuse::harmless;
}

/// Names that hold several sensitive words: the one that descriptors stand behind decides, else one
/// that is no ordinary word, else the first.
KeyMatch match_segments(const Segments& segments) {
  KeyMatch best;
  bool ordinary = false;
  for (std::size_t at = 0; at < segments.size(); ++at) {
    const std::string_view segment = segments[at];
    if (!may_begin_pattern(segment)) continue;
    for (const Pattern& p : kPatterns) {
      if (p.segments[0] != segment || !stands_at(p, segments, at) || !applies(p, segments, at))
        continue;
      const std::size_t end = end_of(p, segments, at);
      if (is_described(segments, end)) {
        return {p.rule, false, excuse_of_descriptor(segments[segments.size() - 1])};
      }
      if (best.rule.empty() || (ordinary && !p.weak)) {
        const bool alone = at == 0 && end == segments.size();
        best = {p.rule, p.weak && alone, p.excuse};
        ordinary = p.weak;
      }
      break;
    }
  }
  return best;
}

}  // namespace

KeyMatch match_key(std::string_view name) {
  const bool one_word =
      !name.empty() && std::ranges::all_of(name, [](char c) { return c >= 'a' && c <= 'z'; });
  if (one_word && !may_begin_pattern(name)) return {};
  return match_segments(Segments(name));
}

KeyMatch match_parameter(std::string_view name) {
  const KeyMatch match = match_key(name);
  if (!match.rule.empty()) return match;
  const Segments segments(name);
  if (segments.size() == 0) return {};
  const std::string_view last = segments[segments.size() - 1];
  if (last == "sig" || last == "signature") return {"signature"};
  return segments.size() == 1 && last == "key" ? KeyMatch{"key"} : KeyMatch{};
}

}  // namespace tally::redact
