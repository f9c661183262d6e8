// SPDX-License-Identifier: Apache-2.0
#include "http/field_name.h"

#include "http/chars.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

namespace tally::http {

namespace {

/// Longest of the names below.
constexpr std::size_t kNameBytesMax = 20;

struct Entry {
  std::uint32_t key = 0;
  KnownName name = KnownName::other;
  std::uint8_t bytes = 0;
  std::array<char, kNameBytesMax> text{};
  std::array<char, kNameBytesMax> letters{};  // 0x20 where a letter stands, whose case is ignored
};

constexpr std::array<std::pair<std::string_view, KnownName>, 22> kKnown{{
    {"accept-encoding", KnownName::accept_encoding},
    {"authorization", KnownName::authorization},
    {"connection", KnownName::connection},
    {"content-encoding", KnownName::content_encoding},
    {"content-length", KnownName::content_length},
    {"content-type", KnownName::content_type},
    {"cookie", KnownName::cookie},
    {"expect", KnownName::expect},
    {"host", KnownName::host},
    {"keep-alive", KnownName::keep_alive},
    {"last-event-id", KnownName::last_event_id},
    {"mcp-method", KnownName::mcp_method},
    {"mcp-protocol-version", KnownName::mcp_protocol_version},
    {"mcp-session-id", KnownName::mcp_session_id},
    {"origin", KnownName::origin},
    {"set-cookie", KnownName::set_cookie},
    {"te", KnownName::te},
    {"transfer-encoding", KnownName::transfer_encoding},
    {"upgrade", KnownName::upgrade},
    {"x-forwarded-for", KnownName::x_forwarded_for},
    {"x-forwarded-proto", KnownName::x_forwarded_proto},
    {"x-request-id", KnownName::x_request_id},
}};

/// Which of kSlots a key belongs to; every known name has one of its own.
constexpr std::size_t kSlots = 128;
constexpr std::uint32_t kSlotFactor = 0x2265B1F5;  // found by trying
constexpr std::size_t slot_of(std::uint32_t key) { return key * kSlotFactor >> 25; }

constexpr std::array<Entry, kSlots> known_table() {
  std::array<Entry, kSlots> table{};
  for (const auto& [text, name] : kKnown) {
    const std::uint32_t key = detail::name_key(text);
    Entry& entry = table[slot_of(key)];
    if (entry.bytes != 0) throw "two names in one slot";  // does not compile
    entry.key = key;
    entry.name = name;
    entry.bytes = static_cast<std::uint8_t>(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
      entry.text[i] = text[i];
      entry.letters[i] = text[i] == '-' ? '\0' : '\x20';
    }
  }
  return table;
}
constexpr std::array<Entry, kSlots> kTable = known_table();

/// Some bytes at once: whether they are those of the entry but for case.
template <class Word>
bool same_at(const Entry& entry, const char* name, std::size_t at) {
  Word got = 0, text = 0, letters = 0;
  std::memcpy(&got, name + at, sizeof got);
  std::memcpy(&text, entry.text.data() + at, sizeof text);
  std::memcpy(&letters, entry.letters.data() + at, sizeof letters);
  return static_cast<Word>(got | letters) == text;
}

template <class Word>
bool same(const Entry& entry, const char* name) {
  const std::size_t last = entry.bytes - sizeof(Word);
  for (std::size_t at = 0; at < last; at += sizeof(Word)) {
    if (!same_at<Word>(entry, name, at)) return false;
  }
  return same_at<Word>(entry, name, last);  // may overlap the one before
}

constexpr std::string_view kParamPrefix = "mcp-param-";

bool is_name_of(const Entry& entry, std::string_view name) {
  if (entry.bytes != name.size()) return false;
  if (entry.bytes >= sizeof(std::uint64_t)) return same<std::uint64_t>(entry, name.data());
  if (entry.bytes >= sizeof(std::uint32_t)) return same<std::uint32_t>(entry, name.data());
  return entry.bytes >= sizeof(std::uint16_t) && same<std::uint16_t>(entry, name.data());
}

}  // namespace

KnownName detail::known_name(std::string_view name, std::uint32_t key) {
  const Entry& entry = kTable[slot_of(key)];
  if (entry.key == key && is_name_of(entry, name)) return entry.name;
  if (name.size() >= 4) {
    const char first = to_lower(name.front());
    if (first == 'p' && starts_with_no_case(name, "proxy-")) return KnownName::proxy;
    if (first == 'm' && starts_with_no_case(name, "mcp-") &&
        name.find('_') == std::string_view::npos) {
      return KnownName::mcp;
    }
  }
  return name.find('_') == std::string_view::npos ? KnownName::other : KnownName::underscored;
}

bool is_hop_by_hop(std::string_view name) { return holds(kHopByHopNames, known_name(name)); }

bool is_protected(std::string_view name) {
  if (name.empty()) return false;
  switch (to_lower(name.front())) {
    case 'a': return equal_no_case(name, "authorization");
    case 'c': return equal_no_case(name, "cookie") || starts_with_no_case(name, "content-");
    case 'f': return equal_no_case(name, "forwarded");
    case 'h': return equal_no_case(name, "host");
    case 'm': return starts_with_no_case(name, "mcp-");
    case 'o': return equal_no_case(name, "origin");
    case 'x': return starts_with_no_case(name, "x-forwarded-");
    default: return false;
  }
}

bool is_confusable(std::string_view name) {
  if (name.find('_') == std::string_view::npos) return false;
  std::string dashed(name);
  std::ranges::replace(dashed, '_', '-');
  // A parameter's name may have them (MCP 2026-07-28, x-mcp-header), but not as part of a prefix.
  if (starts_with_no_case(name, kParamPrefix)) return false;
  return is_protected(dashed) || equal_no_case(dashed, "transfer-encoding");
}

}  // namespace tally::http
