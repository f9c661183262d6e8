// SPDX-License-Identifier: Apache-2.0
#include "mcp/key_check.h"

#include <algorithm>
#include <array>
#include <functional>
#include <unordered_set>
#include <vector>

namespace tally::mcp {
namespace {

constexpr std::size_t kFastMembersMax = 32;

char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool equal_but_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::ranges::equal(a, b, [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

std::string path_of(std::string_view path, std::string_view key) {
  std::string out(path);
  if (!out.empty()) out += '.';
  out += key.substr(0, kWhereBytesMax);  // add_violation() cuts there, at a character
  return out;
}

/// Whether the plain comparison of bytes is enough: few members, no escapes, nothing beyond ASCII.
bool is_plain(json::Value object, std::array<std::string_view, kFastMembersMax>& keys,
              std::size_t& count) {
  count = 0;
  for (const json::Value child : object.children()) {
    if (count == kFastMembersMax) return false;
    const std::string_view key = child.key_raw();
    char any = 0;
    for (const char c : key) any |= c;
    if (child.key_is_escaped() || static_cast<unsigned char>(any) >= 0x80) return false;
    keys[count++] = key;
  }
  return true;
}

/// Each key is reported once, for the worse of what it is.
void check_plain(std::span<const std::string_view> keys, const KnownKeys& known, KeyRule rule,
                 std::string_view path, std::vector<Violation>& found) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string_view key = keys[i];
    const auto before = keys.first(i);
    // Most names of one length differ in their first letter, beyond case.
    const auto like = [key](std::string_view other) {
      return other.size() == key.size() &&
             (key.empty() || ((key.front() ^ other.front()) & ~0x20) == 0);
    };
    const auto varies = [key, like](std::string_view other) {
      return like(other) && key != other && equal_but_case(key, other);
    };
    const auto same = [key, like](std::string_view other) { return like(other) && key == other; };
    if (std::ranges::any_of(before, same)) {
      add_violation(found, ViolationKind::duplicate_key, path_of(path, key));
    } else if (rule == KeyRule::protocol &&
               (std::ranges::any_of(before, varies) ||
                (known.may_hold(key) && std::ranges::any_of(known.names(), varies)))) {
      add_violation(found, ViolationKind::case_variant_key, path_of(path, key));
    }
  }
}

/// Members by the hash of what is compared of their keys: equal keys stand together, and no key is
/// kept, because there may be many and long ones.
class KeyIndex {
 public:
  using Form = std::string (*)(json::Value member);

  KeyIndex(json::Value object, std::size_t count, Form form) : form_(form) {
    entries_.reserve(count);
    for (const json::Value child : object.children()) {
      entries_.push_back({std::hash<std::string>{}(form_(child)), entries_.size(), child});
    }
    std::ranges::sort(entries_, [](const Entry& a, const Entry& b) {
      return a.hash != b.hash ? a.hash < b.hash : a.position < b.position;
    });
  }

  /// For each member whether one before it has the same key.
  [[nodiscard]] std::vector<bool> repeated() const {
    std::vector<bool> out(entries_.size());
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      for (std::size_t before = i; before > 0 && entries_[before - 1].hash == entries_[i].hash;) {
        if (form_(entries_[--before].member) != form_(entries_[i].member)) continue;
        out[entries_[i].position] = true;
        break;
      }
    }
    return out;
  }

 private:
  struct Entry {
    std::size_t hash;
    std::size_t position;
    json::Value member;
  };
  Form form_;
  std::vector<Entry> entries_;
};

void check_any(json::Value object, std::span<const std::string_view> known, KeyRule rule,
               std::string_view path, std::vector<Violation>& found) {
  const auto members = object.children();
  std::size_t count = 0;
  for (auto at = members.begin(); at != members.end(); ++at) ++count;
  const std::vector<bool> same =
      KeyIndex(object, count, [](json::Value member) { return member.key(); }).repeated();
  std::vector<bool> folded(count);
  if (rule == KeyRule::protocol) {
    folded = KeyIndex(object, count, [](json::Value member) {
               return folded_key(member.key());
             }).repeated();
  }
  std::unordered_set<std::string> known_folded;
  for (const std::string_view name : known) known_folded.insert(folded_key(name));
  std::size_t position = 0;
  for (const json::Value child : members) {
    const std::size_t i = position++;
    if (!same[i] && rule == KeyRule::exact) continue;
    const std::string key = child.key();
    const bool is_known = std::ranges::find(known, key) != known.end();
    const bool variant = folded[i] || (!is_known && known_folded.contains(folded_key(key)));
    if (same[i]) {
      add_violation(found, ViolationKind::duplicate_key, path_of(path, key));
    } else if (variant) {
      add_violation(found, ViolationKind::case_variant_key, path_of(path, key));
    }
  }
}

}  // namespace

std::string folded_key(std::string_view key) {
  std::string out;
  out.reserve(key.size());
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key.substr(i, 2) == "\xC5\xBF") {
      out += 's';
      i += 1;
    } else if (key.substr(i, 3) == "\xE2\x84\xAA") {
      out += 'k';
      i += 2;
    } else {
      out += ascii_lower(key[i]);
    }
  }
  return out;
}

bool has_clean_keys(json::Value object, const KnownKeys& known, KeyRule rule) {
  const auto children = object.children();
  auto at = children.begin();
  if (at == children.end()) return true;
  if (rule == KeyRule::exact && ++at == children.end()) return true;
  std::uint64_t seen = 0;
  for (const json::Value child : children) {
    if (child.key_is_escaped()) return false;
    const std::size_t index = known.index_of(child.key_raw());
    if (index == known.names().size() || (seen >> index & 1) != 0) return false;
    seen |= std::uint64_t{1} << index;
  }
  return true;
}

std::uint64_t key_forms(json::Value object) {
  std::uint64_t forms = 0;
  if (!object.is(json::Kind::object)) return forms;
  for (const json::Value child : object.children()) {
    forms |= child.key_is_escaped() ? ~std::uint64_t{0} : key_form(child.key_raw());
  }
  return forms;
}

KeyLook look_at_keys(json::Value object, const KnownKeys& known) {
  KeyLook out;
  if (!object.is(json::Kind::object)) return out;
  std::uint64_t seen = 0;
  for (const json::Value child : object.children()) {
    if (child.key_is_escaped()) return {false, ~std::uint64_t{0}};
    const std::string_view key = child.key_raw();
    out.forms |= key_form(key);
    const std::size_t index = known.index_of(key);
    if (index == known.names().size() || (seen >> index & 1) != 0) {
      out.clean = false;
    } else {
      seen |= std::uint64_t{1} << index;
    }
  }
  return out;
}

void check_keys(json::Value object, const KnownKeys& known, KeyRule rule, std::string_view path,
                std::vector<Violation>& found) {
  if (!object.is(json::Kind::object) || has_clean_keys(object, known, rule)) return;
  std::array<std::string_view, kFastMembersMax> keys;
  std::size_t count = 0;
  if (is_plain(object, keys, count)) {
    check_plain(std::span(keys.data(), count), known, rule, path, found);
  } else {
    check_any(object, known.names(), rule, path, found);
  }
}

}  // namespace tally::mcp
