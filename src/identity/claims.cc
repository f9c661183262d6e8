// SPDX-License-Identifier: Apache-2.0
#include "identity/claims.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"

#include <algorithm>

namespace tally::identity {
namespace {

/// Values of one token that are indexed; more is no token of a person or a service.
constexpr std::size_t kClaimNodesMax = 4'096;
constexpr std::size_t kAudiencesMax = 16;

std::string text_of(const std::optional<json::Value>& value) {
  if (!value) return {};
  // Some issuers give numbers for sub and uid.
  if (value->is(json::Kind::number)) return std::string(utf8_prefix(value->raw(), kClaimBytesMax));
  if (!value->is(json::Kind::string)) return {};
  return std::string(utf8_prefix(value->text(), kClaimBytesMax));
}

/// A string, or an array of them.
std::vector<std::string> texts_of(const std::optional<json::Value>& value) {
  std::vector<std::string> out;
  if (value && value->is(json::Kind::array)) {
    for (const json::Value element : value->children()) {
      if (out.size() < kAudiencesMax) out.push_back(text_of(element));
    }
  } else if (auto text = text_of(value); !text.empty()) {
    out.push_back(std::move(text));
  }
  return out;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) {
    if (!out.empty()) out += ' ';
    out += text;
  }
  return std::string(utf8_prefix(out, kClaimBytesMax));
}

std::string first_text(json::Value claims, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (auto text = text_of(claims.find(name)); !text.empty()) return text;
  }
  return {};
}

std::vector<std::string> acting_parties(json::Value claims) {
  std::vector<std::string> out;
  auto act = claims.find("act");
  while (act && act->is(json::Kind::object) && out.size() < kActChainMax) {
    std::string who = first_text(*act, {"sub", "client_id", "azp"});
    if (!who.empty()) out.push_back(std::move(who));
    act = act->find("act");
  }
  return out;
}

bool is_client_token(json::Value claims, const Claims& out) {
  const std::string grant = first_text(claims, {"gty", "grant_type"});
  if (grant == "client-credentials" || grant == "client_credentials") return true;
  if (text_of(claims.find("idtyp")) == "app") return true;
  return !out.client_id.empty() && (out.subject.empty() || out.subject == out.client_id);
}

/// -1 for a character that is not in the alphabet.
int sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  return c == '_' ? 63 : -1;
}

}  // namespace

std::optional<WallTime> numeric_date(const std::optional<json::Value>& value) {
  if (!value || !value->is(json::Kind::number)) return std::nullopt;
  const std::string_view raw = value->raw();
  // With an exponent what stands before the point is not the number of seconds.
  if (raw.find_first_of("eE") != std::string_view::npos) return std::nullopt;
  const auto seconds = parse_decimal(raw.substr(0, raw.find('.')));
  constexpr std::uint64_t kYear10000 = 253'402'300'800;
  if (!seconds || *seconds >= kYear10000) return std::nullopt;
  return WallTime{std::chrono::seconds{static_cast<std::int64_t>(*seconds)}};
}

std::optional<std::string> from_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const int value = sextet(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>((bits >> count) & 0xffU);
  }
  return out;
}

std::optional<Claims> read_claims(std::string_view token,
                                  std::span<const std::string> actor_claims) {
  if (token.size() > kTokenBytesMax || std::ranges::count(token, '.') != 2) return std::nullopt;
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  const auto header = from_base64url(token.substr(0, first));
  const auto body = from_base64url(token.substr(first + 1, second - first - 1));
  if (!header || !body || !from_base64url(token.substr(second + 1))) return std::nullopt;
  json::Document document;
  const auto head = document.parse(*header, {.depth_indexed = 1, .nodes_max = kClaimNodesMax});
  if (!head || !head->is(json::Kind::object)) return std::nullopt;
  Claims out;
  out.algorithm = text_of(head->find("alg"));
  const auto parsed = document.parse(*body, {.nodes_max = kClaimNodesMax});
  if (!parsed || !parsed->is(json::Kind::object)) return std::nullopt;
  const json::Value claims = *parsed;
  out.repeated = json::ambiguous_key(claims).has_value();
  for (const std::string& name : actor_claims) {
    if (out.actor.empty()) out.actor = text_of(claims.find(name));
  }
  out.issuer = text_of(claims.find("iss"));
  out.subject = text_of(claims.find("sub"));
  out.client_id = first_text(claims, {"client_id", "azp", "appid", "cid"});
  out.scope = joined(texts_of(claims.find(claims.find("scope") ? "scope" : "scp")));
  out.token_id = text_of(claims.find("jti"));
  out.audiences = texts_of(claims.find("aud"));
  out.acting = acting_parties(claims);
  out.expires = numeric_date(claims.find("exp"));
  out.is_client = is_client_token(claims, out);
  return out;
}

}  // namespace tally::identity
