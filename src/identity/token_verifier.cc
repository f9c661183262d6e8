// SPDX-License-Identifier: Apache-2.0
#include "identity/token_verifier.h"

#include "base/check.h"
#include "base/json.h"
#include "base/limits.h"
#include "crypto/hmac.h"
#include "identity/claims.h"
#include "identity/jws.h"

#include <algorithm>
#include <span>
#include <utility>

namespace tally::identity {
namespace {

using crypto::JwsAlgorithm;

constexpr std::size_t kClaimNodesMax = 4'096;

Doubt doubt_of(JwsFault fault) {
  switch (fault) {
    case JwsFault::none: return Doubt::none;
    case JwsFault::malformed: return Doubt::malformed;
    case JwsFault::repeated_header: return Doubt::repeated_header;
    case JwsFault::critical_header: return Doubt::critical_header;
  }
  TALLY_CHECK(!"JwsFault out of range");
}

bool is_one_of(json::Value value, const std::vector<std::string>& known) {
  return std::ranges::any_of(known, [&](const std::string& text) { return value.text_is(text); });
}

bool has_audience(const std::optional<json::Value>& aud, const std::vector<std::string>& known) {
  if (!aud) return false;
  if (!aud->is(json::Kind::array)) return is_one_of(*aud, known);
  for (const json::Value one : aud->children()) {
    if (is_one_of(one, known)) return true;
  }
  return false;
}

/// A claim with a time; `good` is false when it is there and none.
struct TimeClaim {
  TimeClaim(json::Value claims, std::string_view name) {
    const auto value = claims.find(name);
    time = numeric_date(value);
    good = !value || time;
  }
  std::optional<WallTime> time;
  bool good = true;
};

}  // namespace

std::string_view doubt_text(Doubt doubt) {
  switch (doubt) {
    case Doubt::none: return {};
    case Doubt::malformed: return "malformed token";
    case Doubt::repeated_header: return "a header is there twice";
    case Doubt::critical_header: return "critical header not understood";
    case Doubt::algorithm: return "algorithm not allowed";
    case Doubt::no_keys: return "no keys to check with yet";
    case Doubt::unknown_key: return "key not known";
    case Doubt::signature: return "wrong signature";
    case Doubt::repeated_claim: return "a claim is there twice";
    case Doubt::issuer: return "wrong issuer";
    case Doubt::audience: return "wrong audience";
    case Doubt::expired: return "expired";
    case Doubt::not_yet_valid: return "not valid yet";
    case Doubt::issued_later: return "issued in the future";
    case Doubt::no_expiry: return "no time of expiry";
  }
  TALLY_CHECK(!"Doubt out of range");
}

TokenVerifier::TokenVerifier(VerifierOptions options, std::shared_ptr<const KeySource> keys)
    : options_(std::move(options)), keys_(std::move(keys)) {}

TokenVerifier::~TokenVerifier() {
  crypto::cleanse(std::as_writable_bytes(std::span(options_.secret)));
}

bool TokenVerifier::allowed(JwsAlgorithm algorithm) const {
  return options_.algorithms.empty() ||
         std::ranges::find(options_.algorithms, algorithm) != options_.algorithms.end();
}

bool TokenVerifier::has_key(std::string_view mark) const {
  const auto keys = keys_ ? keys_->keys() : nullptr;
  return keys != nullptr && keys->has(mark);
}

Doubt TokenVerifier::check_signature(const Jws& jws, JwsAlgorithm algorithm,
                                     std::string& key_mark) const {
  const Bytes message = as_bytes(jws.signed_part);
  const Bytes signature = as_bytes(jws.signature);
  if (algorithm == JwsAlgorithm::hs256) {
    // Only ever with the secret: what is in a key set is public.
    if (options_.secret.empty()) return Doubt::algorithm;
    const auto mac = crypto::hmac_sha256(as_bytes(options_.secret), message);
    return crypto::constant_time_equal(mac, signature) ? Doubt::none : Doubt::signature;
  }
  if (keys_ == nullptr) return Doubt::algorithm;
  const auto keys = keys_->keys();
  if (keys == nullptr) {
    keys_->ask();
    return Doubt::no_keys;
  }
  bool known = false;
  std::size_t tried = 0;
  for (const SigningKeyOf& key : keys->keys()) {
    if (jws.key_id && key.id != *jws.key_id) continue;
    known = known || jws.key_id;
    if (!key.key.fits(algorithm) || (key.algorithm && *key.algorithm != algorithm)) continue;
    if (++tried > kKeysTriedMax) break;
    if (!key.key.verify(algorithm, message, signature)) continue;
    key_mark = key.mark();
    return Doubt::none;
  }
  if (tried > 0) return Doubt::signature;
  if (known || !jws.key_id) return Doubt::algorithm;
  keys_->ask();
  return Doubt::unknown_key;
}

Verdict TokenVerifier::check_claims(const std::string& payload, WallTime now) const {
  json::Document document;
  const auto claims = document.parse(payload, {.nodes_max = kClaimNodesMax});
  if (!claims || !claims->is(json::Kind::object)) return {Doubt::malformed, {}, {}, {}};
  if (json::ambiguous_key(*claims)) return {Doubt::repeated_claim, {}, {}, {}};
  const auto issuer = claims->find("iss");
  if (!options_.issuers.empty() && (!issuer || !is_one_of(*issuer, options_.issuers))) {
    return {Doubt::issuer, {}, {}, {}};
  }
  if (!options_.audiences.empty() && !has_audience(claims->find("aud"), options_.audiences)) {
    return {Doubt::audience, {}, {}, {}};
  }
  const TimeClaim expires(*claims, "exp");
  const TimeClaim begins(*claims, "nbf");
  const TimeClaim issued(*claims, "iat");
  if (!expires.good || !begins.good || !issued.good) return {Doubt::malformed, {}, {}, {}};
  const auto leeway = options_.leeway;
  if (expires.time && *expires.time + leeway <= now) return {Doubt::expired, {}, {}, {}};
  if (begins.time && *begins.time - leeway > now) {
    return {Doubt::not_yet_valid, {}, {}, *begins.time - leeway};
  }
  if (issued.time && *issued.time - leeway > now) {
    return {Doubt::issued_later, {}, {}, *issued.time - leeway};
  }
  if (!expires.time) return {options_.expiry_needed ? Doubt::no_expiry : Doubt::none, {}, {}, {}};
  return {Doubt::none, {}, {}, *expires.time + leeway};
}

Verdict TokenVerifier::verify(std::string_view token, WallTime now) const {
  Jws jws;
  if (const JwsFault fault = parse_jws(token, jws); fault != JwsFault::none) {
    return {doubt_of(fault), {}, {}, {}};
  }
  const auto algorithm = crypto::parse_jws_name(jws.algorithm);
  if (!algorithm || !allowed(*algorithm)) return {Doubt::algorithm, {}, {}, {}};
  // The signature first: of a token that nobody signed, the claims say nothing.
  std::string key_mark;
  if (const Doubt doubt = check_signature(jws, *algorithm, key_mark); doubt != Doubt::none) {
    return {doubt, {}, {}, {}};
  }
  Verdict out = check_claims(jws.payload, now);
  if (!out.believed()) return out;
  out.key_id = jws.key_id.value_or(std::string());
  out.key_mark = std::move(key_mark);
  return out;
}

}  // namespace tally::identity
