// SPDX-License-Identifier: Apache-2.0
#include "identity/credentials.h"

#include "base/check.h"
#include "base/encoding.h"
#include "base/json_writer.h"
#include "identity/claims.h"
#include "identity/text.h"
#include "identity/token_verifier.h"

#include <array>

namespace tally::identity {
namespace {

constexpr std::size_t kUserBytesMax = 256;
constexpr std::size_t kSchemeBytesMax = 32;

/// Writes details.auth and what follows from the fields that are set.
class AuthJson {
 public:
  AuthJson(Source source, std::string_view reason) : writer_(out_) {
    writer_.string("method", source_name(source));
    text("reason", reason);
  }
  void raw(std::string_view name, std::string_view json) { writer_.raw(name, json); }
  void text(std::string_view name, std::string_view value) {
    if (!value.empty()) writer_.string(name, value);
  }
  void texts(std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    writer_.key(name);
    writer_.out() += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) writer_.out() += ',';
      json::append_string(writer_.out(), values[i]);
    }
    writer_.out() += ']';
  }
  void flag(std::string_view name) { writer_.boolean(name, true); }
  std::string take() {
    writer_.end();
    return std::move(out_);
  }

 private:
  std::string out_;
  json::ObjectWriter writer_;
};

void finish(Principal& principal, std::string_view issuer) {
  principal.key = std::string(event::to_text(principal.type)) + '\n' + std::string(issuer) + '\n' +
                  principal.id;
}

/// Who the claims name; a token that names nobody, or two, is known by its digest.
void name_actor(const Claims& claims, Principal& out) {
  out.type = claims.is_client ? event::ActorType::service : event::ActorType::user;
  out.id = claims.actor;
  if (out.id.empty()) out.id = claims.client_id;
  if (out.id.empty() || claims.repeated) out.id = out.credential;
  out.on_behalf_of = claims.acting;
  out.audiences = claims.audiences;
  out.client_id = claims.client_id;
}

std::string_view reason_of(const Claims& claims) {
  if (claims.repeated) return "a claim is there twice";
  if (claims.actor.empty()) return "signature not checked, no claim names the actor";
  return "signature not checked";
}

/// What a verifier made of it; nullopt: there is none.
using Checked = std::optional<Verdict>;

std::string_view reason_of(const Claims& claims, const Checked& checked) {
  if (!checked) return reason_of(claims);
  if (!checked->believed()) return doubt_text(checked->doubt);
  return claims.actor.empty() ? "no claim names the actor" : "";
}

/// Whether anybody could have made a token with this fault. Not those that were signed and then
/// went out of date, nor any while there are no keys: their holders are who they were.
bool not_signed(Doubt doubt) {
  switch (doubt) {
    case Doubt::malformed:
    case Doubt::repeated_header:
    case Doubt::critical_header:
    case Doubt::algorithm:
    case Doubt::unknown_key:
    case Doubt::signature: return true;
    case Doubt::none:
    case Doubt::no_keys:
    case Doubt::repeated_claim:
    case Doubt::issuer:
    case Doubt::audience:
    case Doubt::expired:
    case Doubt::not_yet_valid:
    case Doubt::issued_later:
    case Doubt::no_expiry: return false;
  }
  TALLY_CHECK(!"Doubt out of range");
}

/// Until when what was read stays true.
std::optional<WallTime> end_of(const Claims& claims, const Checked& checked, WallTime now) {
  // A token that is not believed is looked at again when it expires, as one that nobody checks.
  if (checked && (checked->believed() || checked->until)) return checked->until;
  const bool expired = claims.expires && *claims.expires <= now;
  return expired ? std::nullopt : claims.expires;
}

Read read_jwt(const Claims& claims, const Checked& checked, std::string digest, WallTime now) {
  Read out;
  Principal& principal = out.principal;
  principal.source = Source::jwt;
  principal.credential = std::move(digest);
  name_actor(claims, principal);
  const bool believed = checked && checked->believed();
  // Signed, but not about anybody: the client is known by its token only.
  if (believed && !claims.repeated && !(claims.actor.empty() && claims.client_id.empty())) {
    principal.verified = event::ActorVerified::yes;
  }
  AuthJson json(principal.source, reason_of(claims, checked));
  json.text("issuer", claims.issuer);
  if (claims.subject != principal.id) json.text("subject", claims.subject);
  json.text("client_id", claims.client_id);
  json.texts("audience", claims.audiences);
  json.text("scope", claims.scope);
  if (claims.expires) json.text("expires", format_time(*claims.expires));
  if (claims.expires && *claims.expires <= now) json.flag("expired");
  json.text("jti", claims.token_id);
  json.text("algorithm", claims.algorithm);
  if (believed) json.text("key_id", checked->key_id);
  json.text("digest", principal.credential);
  principal.auth_json = json.take();
  finish(principal, claims.issuer);
  // One who only says to be somebody is not the same as who was found to be.
  if (checked && not_signed(checked->doubt)) principal.key += "\nnot signed";
  out.expires = end_of(claims, checked, now);
  return out;
}

Principal known_by_digest(Source source, event::ActorType type, std::string_view reason,
                          std::string digest) {
  Principal out;
  out.source = source;
  out.type = type;
  out.id = digest;
  out.credential = std::move(digest);
  AuthJson json(source, reason);
  json.text("digest", out.credential);
  out.auth_json = json.take();
  finish(out, {});
  return out;
}

/// nullopt when the credentials are no user and password (RFC 7617).
std::optional<Principal> read_basic(std::string_view credentials, const std::string& digest) {
  const auto plain = from_base64(credentials);
  const std::size_t colon = plain ? plain->find(':') : std::string::npos;
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  Principal out;
  out.source = Source::basic;
  out.type = event::ActorType::user;
  out.id = utf8_prefix(utf8_repair(std::string_view(*plain).substr(0, colon)), kUserBytesMax);
  out.credential = digest;
  AuthJson json(out.source, "password not checked");
  json.text("digest", out.credential);
  out.auth_json = json.take();
  finish(out, {});
  return out;
}

/// Credentials of a scheme that says nothing to us, or that are broken: nobody, but not silently.
Principal unreadable(std::string_view scheme, std::string_view reason, std::string digest) {
  Principal out;
  out.source = Source::other;
  out.credential = std::move(digest);
  AuthJson json(out.source, reason);
  json.text("scheme", utf8_prefix(scheme, kSchemeBytesMax));
  json.text("digest", out.credential);
  out.auth_json = json.take();
  finish(out, {});
  return out;
}

}  // namespace

Authorization split_authorization(std::string_view value) {
  const std::size_t space = value.find(' ');
  if (space == std::string_view::npos) return {value, {}};
  return {value.substr(0, space), trim(value.substr(space))};
}

Read read_authorization(const Authorization& given, const Options& options, std::string digest,
                        WallTime now) {
  const auto [scheme, credentials] = given;
  if (credentials.empty()) {
    return {unreadable(scheme, "no credentials behind the scheme", std::move(digest)), {}};
  }
  if (equals_ignoring_case(scheme, "Bearer") || equals_ignoring_case(scheme, "DPoP")) {
    if (const auto claims = read_claims(credentials, options.actor_claims)) {
      Checked checked;
      if (options.verifier != nullptr) checked = options.verifier->verify(credentials, now);
      return read_jwt(*claims, checked, std::move(digest), now);
    }
    return {known_by_digest(Source::token, event::ActorType::api_key, "opaque token",
                            std::move(digest)),
            {}};
  }
  if (equals_ignoring_case(scheme, "Basic")) {
    if (auto principal = read_basic(credentials, digest)) return {std::move(*principal), {}};
    return {unreadable(scheme, "malformed credentials", std::move(digest)), {}};
  }
  return {unreadable(scheme, "scheme not known", std::move(digest)), {}};
}

Principal read_api_key(std::string digest) {
  return known_by_digest(Source::api_key, event::ActorType::api_key, "key not checked",
                         std::move(digest));
}

Principal read_user_header(std::string_view header, std::string_view user) {
  Principal out;
  out.source = Source::user_header;
  out.type = event::ActorType::user;
  out.id = utf8_prefix(utf8_repair(user), kUserBytesMax);
  AuthJson json(out.source, "stated by a trusted proxy");
  json.text("header", header);
  out.auth_json = json.take();
  finish(out, {});
  return out;
}

namespace {

std::string certificate_json(const Certificate& shown, std::string_view stated) {
  AuthJson json(Source::certificate, utf8_prefix(shown.doubt, kUserBytesMax));
  json.text("subject", shown.subject);
  json.text("issuer", shown.issuer);
  json.text("fingerprint", shown.fingerprint);
  if (!stated.empty()) json.raw("stated", stated);
  return json.take();
}

}  // namespace

Principal with_certificate(const Principal& stated, const Certificate& shown) {
  const bool trusted = shown.doubt.empty();
  const bool names =
      trusted ? stated.verified != event::ActorVerified::yes : stated.source == Source::none;
  Principal out = stated;
  if (!names) {
    // The object gets one more member.
    if (out.auth_json.empty()) return out;
    out.auth_json.pop_back();
    out.auth_json += ",\"certificate\":" + certificate_json(shown, {}) + '}';
    return out;
  }
  out.source = Source::certificate;
  out.id = shown.name;
  out.type = shown.is_service ? event::ActorType::service : event::ActorType::user;
  out.verified = trusted ? event::ActorVerified::yes : event::ActorVerified::no;
  out.on_behalf_of.clear();  // what a token claims that is not believed is in `stated`
  out.auth_json = certificate_json(shown, stated.auth_json);
  finish(out, shown.issuer);
  // Subject and issuer of a certificate that is not believed are what its maker wrote there.
  if (!trusted) out.key += "\nnot believed";
  return out;
}

}  // namespace tally::identity
