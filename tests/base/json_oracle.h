// SPDX-License-Identifier: Apache-2.0
// simdjson's DOM as the second opinion on our JSON reader, shared by the unit tests and the fuzz
// target.
#pragma once

#include "base/json.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace tally::json {

/// Why `ours` does not hold the same as `theirs`; empty when it does. Numbers are compared as
/// doubles, or exactly where simdjson keeps an integer.
inline std::string difference(const simdjson::dom::element& theirs, const Value& ours) {
  using simdjson::dom::element_type;
  const auto expect = [&](bool same) {
    return same ? std::string() : "differs: " + std::string(ours.raw());
  };
  const auto number = [&](auto expected) {
    decltype(expected) read{};
    const std::string_view raw = ours.raw();
    std::from_chars(raw.data(), raw.data() + raw.size(), read);
    return expect(ours.is(Kind::number) && read == expected);
  };
  switch (theirs.type()) {
    case element_type::NULL_VALUE: return expect(ours.is(Kind::null) && ours.raw() == "null");
    case element_type::BOOL:
      return expect(ours.is(Kind::boolean) && ours.is_true() == bool(theirs));
    case element_type::STRING: {
      const std::string_view text = theirs;
      return expect(ours.is(Kind::string) && ours.text() == text && ours.text_is(text));
    }
    case element_type::INT64: return number(std::int64_t(theirs));
    case element_type::UINT64: return number(std::uint64_t(theirs));
    case element_type::DOUBLE: return number(double(theirs));
    case element_type::ARRAY: {
      if (!ours.is(Kind::array)) return expect(false);
      auto mine = ours.children().begin();
      for (const auto item : simdjson::dom::array(theirs)) {
        if (mine == ours.children().end()) return "an element is missing";
        if (auto d = difference(item, *mine); !d.empty()) return d;
        ++mine;
      }
      return mine == ours.children().end() ? "" : "one element too many";
    }
    case element_type::OBJECT: {
      if (!ours.is(Kind::object)) return expect(false);
      auto mine = ours.children().begin();
      for (const auto member : simdjson::dom::object(theirs)) {
        if (mine == ours.children().end()) return "a member is missing";
        if ((*mine).key() != member.key) return "key differs: " + std::string((*mine).key_raw());
        if (auto d = difference(member.value, *mine); !d.empty()) return d;
        ++mine;
      }
      return mine == ours.children().end() ? "" : "one member too many";
    }
  }
  return "unknown element";
}

/// Parses `text` with both and says where they disagree; empty when they agree. Allowed
/// differences: numbers that no double or 64-bit integer can hold and lone surrogates (ours keeps
/// them, simdjson refuses them), and the limits of depth and number of values (ours refuses
/// earlier).
inline std::string disagreement(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element theirs;
  const auto verdict = parser.parse(text.data(), text.size()).get(theirs);
  Document document;
  const auto ours = document.parse(text);
  const std::string shown(text.substr(0, 400));
  if (!ours) {
    if (verdict != simdjson::SUCCESS || ours.error().code == Errc::too_large) return {};
    return "only simdjson accepts (" + ours.error().detail + "): " + shown;
  }
  if (verdict == simdjson::SUCCESS) {
    const auto d = difference(theirs, *ours);
    return d.empty() ? d : d + " in " + shown;
  }
  const bool number_range = verdict == simdjson::NUMBER_ERROR;
  const bool surrogate = verdict == simdjson::STRING_ERROR && document.has_lone_surrogate();
  if (number_range || surrogate) return {};
  return std::string("only we accept (") + simdjson::error_message(verdict) + "): " + shown;
}

}  // namespace tally::json
