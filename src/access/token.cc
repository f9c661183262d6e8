// SPDX-License-Identifier: Apache-2.0
#include "access/token.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/limits.h"

#include <algorithm>
#include <array>

namespace tally::access {
namespace {

constexpr std::string_view kPrefix = "tally_";
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kIdHex = 12;

Result<std::string> text_of(json::Value member) {
  if (!member.is(json::Kind::string)) {
    return fail(Errc::malformed, member.key() + ": must be a string");
  }
  return member.text();
}

Result<WallTime> time_of(json::Value member) {
  TALLY_TRY(const std::string text, text_of(member));
  const auto time = parse_time(text);
  if (!time) return fail(Errc::malformed, member.key() + ": must be a time");
  return *time;
}

Result<void> take_scope(json::Value member, Scope& scope) {
  if (!member.is(json::Kind::array)) return fail(Errc::malformed, "scope: must be an array");
  for (const json::Value item : member.children()) {
    TALLY_TRY(const std::string text, text_of(item));
    TALLY_TRY_VOID(scope.add(text));
  }
  // An empty list would read as "everything": who wrote it may have meant nothing.
  if (scope.everything()) return fail(Errc::malformed, "scope: must not be empty");
  return {};
}

Result<void> take(json::Value member, TokenRecord& out) {
  if (member.key_is("scope")) return take_scope(member, out.scope);
  if (member.key_is("created")) {
    TALLY_TRY(out.created, time_of(member));
    return {};
  }
  if (member.key_is("expires")) {
    TALLY_TRY(out.expires, time_of(member));
    return {};
  }
  if (member.key_is("role")) {
    TALLY_TRY(const std::string name, text_of(member));
    TALLY_TRY(out.role, parse_role(name));
    return {};
  }
  std::string* const text = member.key_is("id")     ? &out.id
                            : member.key_is("name") ? &out.name
                            : member.key_is("hash") ? &out.hash
                                                    : nullptr;
  if (text == nullptr) return fail(Errc::malformed, member.key_start(40) + ": unknown member");
  TALLY_TRY(*text, text_of(member));
  return {};
}

}  // namespace

NewToken make_token(const TokenWish& wish, WallTime now, Random& random) {
  std::array<std::byte, kSecretBytes> bytes{};
  random.fill(bytes);
  NewToken out;
  out.secret = std::string(kPrefix) + to_hex(bytes);
  std::array<std::byte, kIdHex / 2> id{};
  random.fill(id);
  out.record = {
      to_hex(id), wish.name, wish.role, wish.scope, now, wish.expires, token_hash(out.secret)};
  return out;
}

bool looks_like_token(std::string_view text) {
  return text.size() == kPrefix.size() + 2 * kSecretBytes && text.starts_with(kPrefix) &&
         from_hex(text.substr(kPrefix.size())).has_value();
}

std::string token_hash(std::string_view secret) {
  return to_hex(crypto::sha256(as_bytes(secret)).bytes());
}

std::string format_record(const TokenRecord& record) {
  std::string out;
  json::ObjectWriter writer(out);
  writer.string("id", record.id);
  if (!record.name.empty()) writer.string("name", record.name);
  writer.string("role", role_name(record.role));
  if (!record.scope.everything()) {
    writer.key("scope");
    char separator = '[';
    for (const std::string& text : record.scope.texts()) {
      out += separator;
      separator = ',';
      json::append_string(out, text);
    }
    out += ']';
  }
  writer.string("created", format_time(record.created));
  if (record.expires) writer.string("expires", format_time(*record.expires));
  writer.string("hash", record.hash);
  writer.end();
  return out;
}

Result<TokenRecord> parse_record(std::string_view line) {
  json::Document document;
  TALLY_TRY(const json::Value object, document.parse(line));
  if (!object.is(json::Kind::object)) return fail(Errc::malformed, "a token must be an object");
  if (const auto twice = json::ambiguous_key(object)) {
    return fail(Errc::malformed, twice->key + ": stands there twice");
  }
  TokenRecord out;
  bool has_role = false;
  for (const json::Value member : object.children()) {
    TALLY_TRY_VOID(take(member, out));
    has_role = has_role || member.key_is("role");
  }
  if (!has_role) return fail(Errc::malformed, "role: is missing");
  if (out.id.size() != kIdHex || !from_hex(out.id)) {
    return fail(Errc::malformed, "id: must be 12 hex digits");
  }
  if (out.hash.size() != 2 * kSecretBytes || !from_hex(out.hash)) {
    return fail(Errc::malformed, "hash: must be 64 hex digits");
  }
  return out;
}

}  // namespace tally::access
