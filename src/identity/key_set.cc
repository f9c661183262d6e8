// SPDX-License-Identifier: Apache-2.0
#include "identity/key_set.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "identity/jws.h"

#include <algorithm>

namespace tally::identity {
namespace {

using crypto::PublicKey;

/// A member that must be base64url; empty when it is not there or none.
std::string number_of(json::Value key, std::string_view name) {
  const auto value = key.find(name);
  if (!value || !value->is(json::Kind::string)) return {};
  return from_canonical_base64url(value->body()).value_or(std::string());
}

bool says(json::Value key, std::string_view name, std::string_view text) {
  const auto value = key.find(name);
  return value && value->text_is(text);
}

/// RFC 7517, 4.2 and 4.3: whether the issuer lets it verify signatures.
bool may_verify(json::Value key) {
  if (key.find("use") && !says(key, "use", "sig")) return false;
  const auto operations = key.find("key_ops");
  if (!operations) return true;
  for (const json::Value operation : operations->children()) {
    if (operation.text_is("verify")) return true;
  }
  return false;
}

Result<PublicKey> public_key(json::Value key) {
  if (says(key, "kty", "RSA")) {
    return PublicKey::rsa(as_bytes(number_of(key, "n")), as_bytes(number_of(key, "e")));
  }
  if (says(key, "kty", "EC")) {
    const bool p256 = says(key, "crv", "P-256");
    if (!p256 && !says(key, "crv", "P-384")) return fail(Errc::unsupported, "another curve");
    const auto curve = p256 ? PublicKey::Kind::p256 : PublicKey::Kind::p384;
    return PublicKey::ec(curve, as_bytes(number_of(key, "x")), as_bytes(number_of(key, "y")));
  }
  if (says(key, "kty", "OKP") && says(key, "crv", "Ed25519")) {
    return PublicKey::ed25519(as_bytes(number_of(key, "x")));
  }
  return fail(Errc::unsupported, "another kind of key");
}

/// RFC 7638, 3: SHA-256 over the members that make the key, in order and without blanks. They are
/// canonical base64url or names that were compared, so nothing in them needs an escape.
std::string thumbprint_of(json::Value key) {
  std::string_view names = "e kty n";
  if (says(key, "kty", "EC")) names = "crv kty x y";
  if (says(key, "kty", "OKP")) names = "crv kty x";
  std::string text = "{";
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(' '), names.size());
    const std::string_view name = names.substr(0, end);
    names.remove_prefix(std::min(end + 1, names.size()));
    const auto value = key.find(name);
    text.append(text.size() > 1 ? ",\"" : "\"").append(name).append("\":\"");
    if (value) text += value->text();
    text += '"';
  }
  text += '}';
  return to_hex(crypto::sha256(as_bytes(text)).bytes());
}

std::optional<SigningKeyOf> usable(json::Value key) {
  if (!key.is(json::Kind::object) || json::ambiguous_key(key) || !may_verify(key)) {
    return std::nullopt;
  }
  auto made = public_key(key);
  if (!made) return std::nullopt;
  SigningKeyOf out{{}, {}, std::move(*made), thumbprint_of(key)};
  if (const auto id = key.find("kid")) {
    if (!id->is(json::Kind::string) || id->raw().size() > kKeyIdBytesMax) return std::nullopt;
    out.id = id->text();
  }
  if (const auto algorithm = key.find("alg")) {
    out.algorithm = crypto::parse_jws_name(algorithm->text());
    if (!out.algorithm || !out.key.fits(*out.algorithm)) return std::nullopt;
  }
  return out;
}

}  // namespace

bool KeySet::has(std::string_view mark) const {
  return std::ranges::any_of(keys_, [&](const SigningKeyOf& key) { return key.mark() == mark; });
}

Result<KeySet> KeySet::parse(std::string_view text) {
  if (text.size() > kKeySetBytesMax) {
    return fail(Errc::too_large,
                "a key set of more than " + std::to_string(kKeySetBytesMax / kKiB) + " KiB");
  }
  json::Document document;
  TALLY_TRY(const json::Value root, document.parse(text));
  const auto keys = root.is(json::Kind::object) && !json::ambiguous_key(root)
                        ? root.find("keys")
                        : std::optional<json::Value>();
  if (!keys || !keys->is(json::Kind::array)) {
    return fail(Errc::malformed, "no key set (RFC 7517): an object with an array \"keys\"");
  }
  KeySet out;
  for (const json::Value key : keys->children()) {
    auto made = out.keys_.size() < kKeySetKeysMax ? usable(key) : std::nullopt;
    if (made) {
      out.keys_.push_back(std::move(*made));
    } else {
      ++out.left_out_;
    }
  }
  if (out.keys_.empty()) {
    return fail(Errc::malformed, "a key set without a key that verifies signatures; " +
                                     std::to_string(out.left_out_) + " of other kinds");
  }
  return out;
}

}  // namespace tally::identity
