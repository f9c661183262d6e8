// SPDX-License-Identifier: Apache-2.0
#include "rest/path_pattern.h"

#include "base/limits.h"
#include "http/chars.h"

#include <algorithm>

namespace tally::rest {
namespace {

constexpr std::size_t kWildcardsMax = 4;

bool starts_with_folded(std::string_view text, std::string_view folded) {
  return text.size() >= folded.size() &&
         std::equal(folded.begin(), folded.end(), text.begin(),
                    [](char a, char b) { return a == http::to_lower(b); });
}

tl::unexpected<Error> wrong(std::string_view text, std::string_view why) {
  return fail(Errc::invalid_argument, '"' + std::string(text) + "\": " + std::string(why));
}

/// What no path has once it is normalised, so that the pattern could never match.
Result<void> check_text(std::string_view text) {
  if (!text.starts_with('/')) return wrong(text, "must be a path such as /api/*");
  if (text.size() > kPathPatternBytesMax) {
    return fail(Errc::too_large, "a path of more than " + std::to_string(kPathPatternBytesMax) +
                                     " bytes; write a shorter pattern with *");
  }
  if (text.find_first_of("?#") != std::string_view::npos) {
    return wrong(text, "must be a path without query; remove what follows it");
  }
  if (text.find_first_of("%\\;") != std::string_view::npos) {
    return wrong(text,
                 "paths are compared decoded; write the characters themselves, without %, \\ "
                 "and ;");
  }
  const std::string whole = std::string(text) + (text.ends_with('/') ? "" : "/");
  for (const char* never : {"//", "/./", "/../"}) {
    if (whole.find(never) == std::string::npos) continue;
    return wrong(text, "paths are compared without empty, . and .. segments; remove them");
  }
  return {};
}

}  // namespace

Result<PathPattern> PathPattern::parse(std::string_view text) {
  TALLY_TRY_VOID(check_text(text));
  // "/api/" is all that is below, as people write it; a path itself never ends so.
  std::string whole(text);
  if (whole.size() > 1 && whole.back() == '/') whole += '*';
  PathPattern out;
  std::size_t wildcards = 0;
  bool has_secret = false;
  std::string_view rest = whole;
  std::string literal;
  const auto end_literal = [&] {
    if (literal.empty()) return;
    out.rank_.literal += literal.size();
    out.parts_.push_back({Kind::literal, std::move(literal)});
    literal.clear();
  };
  while (!rest.empty()) {
    if (rest.front() == '*') {
      end_literal();
      if (out.parts_.back().kind != Kind::any) out.parts_.push_back({Kind::any, {}});
      ++wildcards;
      rest.remove_prefix(1);
    } else if (rest.front() == '{') {
      const std::size_t end = rest.find('}');
      const std::string_view name = rest.substr(0, end == rest.npos ? end : end + 1);
      const bool run = name == "{id*}";
      if (name != "{id}" && !run && name != "{secret}") {
        return wrong(text, "has " + std::string(name) + "; write {id}, {id*}, {secret} or *");
      }
      const bool secret = name == "{secret}";
      if (std::exchange(secret ? has_secret : out.has_id_, true)) {
        return wrong(text, "names " + std::string(name) + " twice; use * for the other one");
      }
      const std::string_view behind = rest.substr(name.size());
      if (!literal.ends_with('/') || (!behind.empty() && behind.front() != '/')) {
        return wrong(text, std::string(name) + " must be a segment of its own, between slashes");
      }
      end_literal();
      if (run) ++wildcards;
      out.parts_.push_back({secret ? Kind::secret : run ? Kind::id_run : Kind::id, {}});
      rest.remove_prefix(name.size());
    } else if (rest.front() == '}') {
      return wrong(text, "has a } without {; write {id}, {id*}, {secret} or *");
    } else {
      literal += http::to_lower(rest.front());
      rest.remove_prefix(1);
    }
  }
  end_literal();
  if (wildcards > kWildcardsMax) {
    return wrong(text, "has more than " + std::to_string(kWildcardsMax) + " wildcards; use fewer");
  }
  out.rank_.exact_length = wildcards == 0;
  out.rank_.segments = static_cast<std::size_t>(std::ranges::count(whole, '/'));
  if (out.parts_.front().kind == Kind::literal) {
    const std::string_view start = std::string_view(out.parts_.front().text).substr(1);
    const std::size_t slash = start.find('/');
    if (slash != start.npos || out.parts_.size() == 1) out.first_ = start.substr(0, slash);
  }
  return out;
}

bool PathPattern::match_one(const Part& part, std::string_view path, std::size_t& at,
                            PathCapture& out) {
  const std::string_view rest = path.substr(at);
  if (part.kind == Kind::literal) {
    if (!starts_with_folded(rest, part.text)) return false;
    at += part.text.size();
    return true;
  }
  const std::size_t end = std::min(rest.find('/'), rest.size());
  if (end == 0) return false;
  (part.kind == Kind::id ? out.id : out.secret) = rest.substr(0, end);
  at += end;
  return true;
}

// What follows a wildcard matches at the first place where it can: a later one would leave less for
// the wildcards behind it. So only the last wildcard is ever tried again.
std::optional<PathCapture> PathPattern::match(std::string_view path) const {
  PathCapture out;
  std::size_t part = 0, at = 0;
  std::optional<std::size_t> wildcard;  // the last one
  std::size_t from = 0, to = 0;         // what it takes
  for (;;) {
    if (part < parts_.size() &&
        (parts_[part].kind == Kind::any || parts_[part].kind == Kind::id_run)) {
      const bool id = parts_[part].kind == Kind::id_run;
      if (id && at == path.size()) return std::nullopt;
      wildcard = part;
      from = at;
      to = id ? at + 1 : at;
    } else if (part < parts_.size() ? match_one(parts_[part], path, at, out) : at == path.size()) {
      if (part++ == parts_.size()) return out;
      continue;
    } else if (!wildcard || to == path.size()) {
      return std::nullopt;
    } else {
      ++to;
    }
    if (parts_[*wildcard].kind == Kind::id_run) out.id = path.substr(from, to - from);
    part = *wildcard + 1;
    at = to;
  }
}

}  // namespace tally::rest
