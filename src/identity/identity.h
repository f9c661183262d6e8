// SPDX-License-Identifier: Apache-2.0
// Who sent an HTTP request, as far as its headers and the address of its sender say. No I/O, and
// nothing is rejected: what cannot be told is anonymous, what was not checked says so.
#pragma once

#include "base/clock.h"
#include "base/limits.h"
#include "base/result.h"
#include "event/event.h"
#include "http/fields.h"
#include "identity/certificate.h"
#include "redact/keyed_digest.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tally::identity {

class TokenVerifier;

/// Settings. Header names are compared without case.
struct Options {
  /// Claims of a JWT that name the actor; the first that is present and a string counts.
  std::vector<std::string> actor_claims{"sub"};
  /// Headers that carry an API key. Only a keyed digest of the key is kept.
  std::vector<std::string> api_key_headers{"X-API-Key", "Api-Key"};
  /// Headers in which a trusted proxy names the user, most trusted first: X-Forwarded-User. Read
  /// only when the peer is in `trusted_addresses`; they go before what Authorization says.
  std::vector<std::string> user_headers;
  /// Addresses or networks (CIDR), IPv4 and IPv6, whose Forwarded, X-Forwarded-For and user headers
  /// are believed. Empty: nobody's.
  std::vector<std::string> trusted_addresses;
  /// Checks JWTs; null: none is checked, and records say so.
  std::shared_ptr<const TokenVerifier> verifier;
  std::size_t tokens_max =
      kTokenCacheMax;  ///< tokens whose claims are remembered until they expire
};

/// Where an identity comes from; its name is details.auth.method.
enum class Source : std::uint8_t {
  none,
  jwt,
  token,
  basic,
  api_key,
  user_header,
  certificate,
  other
};
std::string_view source_name(Source source);

/// What a credential says, the same for every request that brings it. Shared and immutable.
struct Principal {
  Source source = Source::none;
  std::string id = "anonymous";  ///< actor_id
  event::ActorType type = event::ActorType::anonymous;
  event::ActorVerified verified = event::ActorVerified::no;
  std::vector<std::string> on_behalf_of;  ///< parties of the `act` chain (RFC 8693), nearest first
  /// Keyed digest of the token or key; empty: none. Never a part of it.
  std::string credential;
  std::vector<std::string> audiences;  ///< `aud`
  std::string client_id;               ///< client_id or azp
  /// details.auth: {"method":…,"reason":…,"issuer":…,…}, one line, without secrets; empty: nothing
  /// to say.
  std::string auth_json;
  /// Which one it is, for telling principals apart: type, issuer and id. Not for people.
  std::string key;
};

/// Who, from where, and with which correlation ids. Views of nothing: it may outlive the request.
struct Identity {
  std::shared_ptr<const Principal> principal;
  std::string address;        ///< actor_ip: the peer, or who a trusted peer says it is; no port
  std::string user_agent;     ///< cut at kFieldBytesMax; empty: none
  std::string request_id;     ///< X-Request-ID; empty: none
  std::string trace_id;       ///< of traceparent (W3C), 32 hex digits; empty: none
  bool from_trusted = false;  ///< the peer is in trusted_addresses
};

/// The other end of a connection.
struct Peer {
  std::string_view address;                  ///< text, without port
  const Certificate* certificate = nullptr;  ///< null: it showed none

  // NOLINTBEGIN(google-explicit-constructor): most peers are an address
  Peer(std::string_view where) : address(where) {}
  Peer(const std::string& where) : address(where) {}
  Peer(const char* where) : address(where) {}
  // NOLINTEND(google-explicit-constructor)
  Peer(std::string_view where, const Certificate* shown) : address(where), certificate(shown) {}
};

/// Tells who sent a request. Remembers tokens by their keyed digest (bounded, until `exp` and as
/// long as the keys are the same), so that a token is decoded and checked once. Not thread-safe; a
/// call costs a few microseconds. Movable.
class Identifier {
 public:
  /// `digest` must outlive it. Errors: invalid_argument, for an address or network that is none.
  [[nodiscard]] static Result<Identifier> make(Options options, const redact::KeyedDigest& digest);
  ~Identifier();
  Identifier(Identifier&&) noexcept;
  Identifier& operator=(Identifier&&) noexcept;

  /// `now` is for the expiry of tokens. Of what is found: user header of a trusted peer, JWT that
  /// was checked, certificate that was checked, JWT, opaque bearer token, Basic user, API key,
  /// certificate that is not believed, else anonymous.
  [[nodiscard]] Identity identify(const http::FieldList& fields, const Peer& peer, WallTime now);
  /// Tokens remembered now.
  [[nodiscard]] std::size_t tokens() const;

 private:
  struct Impl;
  explicit Identifier(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::identity
