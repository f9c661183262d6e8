// SPDX-License-Identifier: Apache-2.0
#include "event/ingest_value.h"

#include "base/check.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "base/random.h"
#include "event/duration.h"
#include "event/json_scan.h"

#include <array>

namespace tally::event {
namespace {

[[nodiscard]] tl::unexpected<Error> wrong(Field field, std::string_view what) {
  return fail(Errc::malformed, std::string(name_of(field)) + ": " + std::string(what));
}

/// Text for people or with its own rules; everything else in text identifies something.
bool is_free_text(Field field) {
  return field == Field::error_message || field == Field::api_endpoint ||
         field == Field::actor_user_agent;
}

Result<std::string_view> canonical_uuid(std::string_view text, std::string_view raw,
                                        std::string& storage) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c | 0x20);
  }
  if (!is_uuid(lower)) {
    return wrong(Field::event_id,
                 "must be a UUID such as \"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d\"");
  }
  if (lower == text && raw.size() == text.size() + 2) return raw;
  storage = '"' + lower + '"';
  return storage;
}

Result<std::string_view> canonical_chain(std::string_view raw, std::string& storage) {
  json::Document document;
  TALLY_TRY(const json::Value chain, document.parse(raw));
  storage.clear();
  if (chain.is(json::Kind::string)) {
    storage = '[';
    json::append_string(storage, chain.text());
    storage += ']';
    return storage;
  }
  bool strings = chain.is(json::Kind::array);
  for (const json::Value principal : chain.children()) {
    strings = strings && principal.is(json::Kind::string);
    storage += storage.empty() ? '[' : ',';
    json::append_string(storage, principal.text());
  }
  if (!strings) return wrong(Field::on_behalf_of, "must be a string or an array of strings");
  if (!storage.empty()) storage += ']';
  return storage;
}

Result<std::string_view> canonical_redactions(std::string_view raw, std::string& storage) {
  json::Document document;
  TALLY_TRY(const json::Value list, document.parse(raw));
  constexpr std::string_view kShape =
      "must be an array of objects with the strings path, rule and action";
  if (!list.is(json::Kind::array)) return wrong(Field::redactions, kShape);
  std::vector<Redaction> items;
  for (const json::Value item : list.children()) {
    if (!item.is(json::Kind::object)) return wrong(Field::redactions, kShape);
    Redaction redaction;
    for (const json::Value member : item.children()) {
      const bool path = member.key_is("path");
      const bool rule = member.key_is("rule");
      if ((!path && !rule && !member.key_is("action")) || !member.is(json::Kind::string)) {
        return wrong(Field::redactions, kShape);
      }
      (path ? redaction.path : rule ? redaction.rule : redaction.action) = member.text();
    }
    items.push_back(std::move(redaction));
  }
  storage = items.empty() ? std::string() : merge_redactions({}, items);
  return storage;
}

}  // namespace

Result<std::string_view> canonical_text(Field field, std::string_view raw, bool escaped,
                                        std::string& storage) {
  const bool free_text = is_free_text(field);
  if (!escaped) {
    if (field == Field::event_id)
      return canonical_uuid(raw.substr(1, raw.size() - 2), raw, storage);
    if (!free_text && raw.size() > kFieldBytesMax + 2)
      return wrong(field, "longer than 4096 bytes");
    return raw;
  }
  std::string unescaped;
  const std::string_view text = string_text(raw, unescaped);
  if (!free_text && text.find('\0') != std::string_view::npos)
    return wrong(field, "must not contain NUL");
  if (!free_text && text.size() > kFieldBytesMax) return wrong(field, "longer than 4096 bytes");
  if (field == Field::event_id) return canonical_uuid(text, raw, storage);
  storage.clear();
  json::append_string(storage, text);
  return storage;
}

Result<std::string_view> canonical_value(Field field, std::string_view raw, std::string& storage) {
  switch (field) {
    case Field::actor_verified:
      if (raw == "true" || raw == "false" || raw == "\"claimed\"") return raw;
      return wrong(field, "must be true, false or \"claimed\"");
    case Field::duration_ms: {
      if (is_canonical_milliseconds(raw)) return raw;
      const auto duration = raw.front() == '"' ? std::nullopt : parse_milliseconds(raw);
      if (!duration) return wrong(field, "must be a number of milliseconds from 0 to 100 years");
      storage.clear();
      append_milliseconds(storage, *duration);
      return storage;
    }
    case Field::on_behalf_of: return canonical_chain(raw, storage);
    case Field::redactions: return canonical_redactions(raw, storage);
    default: break;
  }
  TALLY_CHECK(!"field without a rule of its own");
}

std::string compact(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  const char* const end = json.data() + json.size();
  for (const char* p = json.data(); p != end;) {
    if (*p == '"') {
      bool escaped = false;
      const char* stop = skip_string(p, end, escaped);
      if (stop == nullptr) stop = end;
      out.append(p, stop);
      p = stop;
    } else {
      if (static_cast<unsigned char>(*p) > ' ') out += *p;
      ++p;
    }
  }
  return out;
}

bool is_name(std::string_view raw, std::size_t bytes_max) {
  constexpr auto kAllowed = [] {
    std::array<bool, 256> table{};
    for (unsigned char c = '0'; c <= '9'; ++c) table[c] = true;
    for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32U] = true;
    for (const unsigned char c : {'-', '_', '.', ':', '/'}) table[c] = true;
    return table;
  }();
  if (raw.size() < 3 || raw.size() > bytes_max + 2) return false;
  for (const char c : raw.substr(1, raw.size() - 2)) {
    if (!kAllowed[static_cast<unsigned char>(c)]) return false;
  }
  return true;
}

std::string merge_redactions(std::string_view existing, const std::vector<Redaction>& added) {
  std::string out(existing.empty() ? std::string_view("[")
                                   : existing.substr(0, existing.size() - 1));
  for (const Redaction& r : added) {
    if (out.size() > 1) out += ',';
    json::ObjectWriter object(out);
    object.string("path", r.path);
    object.string("rule", r.rule);
    object.string("action", r.action);
    object.end();
  }
  return out + ']';
}

}  // namespace tally::event
