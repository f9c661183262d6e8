// SPDX-License-Identifier: Apache-2.0
#include "identity/identity.h"

#include "base/encoding.h"
#include "identity/credentials.h"
#include "identity/forwarded.h"
#include "identity/text.h"
#include "identity/token_cache.h"
#include "identity/token_verifier.h"
#include "mcp/meta.h"

#include <algorithm>
#include <optional>

namespace tally::identity {
namespace {

constexpr std::size_t kUserAgentBytesMax = 512;
constexpr std::size_t kRequestIdBytesMax = 128;

const std::shared_ptr<const Principal>& nobody() {
  static const std::shared_ptr<const Principal> kNobody = [] {
    Principal out;
    out.key = "anonymous";
    return std::make_shared<const Principal>(std::move(out));
  }();
  return kNobody;
}

std::string cut(std::string_view text, std::size_t bytes_max) {
  return utf8_repair(utf8_prefix(text, bytes_max));
}

}  // namespace

std::string_view source_name(Source source) {
  switch (source) {
    case Source::none: return "none";
    case Source::jwt: return "jwt";
    case Source::token: return "token";
    case Source::basic: return "basic";
    case Source::api_key: return "api_key";
    case Source::user_header: return "user_header";
    case Source::certificate: return "certificate";
    case Source::other: return "other";
  }
  return {};
}

struct Identifier::Impl {
  Impl(Options given, const redact::KeyedDigest& keyed)
      : options(std::move(given)), digest(keyed), cache(options.tokens_max) {}

  /// The principal of a credential, from the cache or made by `read`. One value under two schemes
  /// is two credentials: what a server makes of it differs.
  template <class ReadIt>
  std::shared_ptr<const Principal> known(std::string_view scheme, std::string_view value,
                                         WallTime now, ReadIt read) {
    const std::string hash = digest(value);
    std::string key;
    for (const char c : scheme) key += ascii_lower(c);
    key += ' ';
    key += hash;
    if (auto found = cache.find(key, now)) return found;
    Read made = read(hash);
    auto principal = std::make_shared<const Principal>(std::move(made.principal));
    cache.add(std::move(key), principal, made.expires);
    return principal;
  }

  /// What was concluded from other keys is void.
  void forget_if_keys_changed() {
    if (options.verifier == nullptr) return;
    const std::uint64_t now = options.verifier->generation();
    if (now != generation) cache.clear();
    generation = now;
  }

  std::shared_ptr<const Principal> principal(const http::FieldList& fields, const Peer& peer,
                                             bool from_trusted, WallTime now) {
    if (from_trusted) {
      for (const std::string& name : options.user_headers) {
        const auto user = fields.find(name);
        if (user && !user->empty()) {
          return std::make_shared<const Principal>(read_user_header(name, *user));
        }
      }
    }
    auto stated = by_headers(fields, now);
    if (peer.certificate == nullptr) return stated;
    return std::make_shared<const Principal>(with_certificate(*stated, *peer.certificate));
  }

  std::shared_ptr<const Principal> by_headers(const http::FieldList& fields, WallTime now) {
    if (const auto value = fields.find("Authorization")) {
      const Authorization given = split_authorization(*value);
      forget_if_keys_changed();
      return known(given.scheme, given.credentials, now, [&](const std::string& hash) {
        return read_authorization(given, options, hash, now);
      });
    }
    for (const std::string& name : options.api_key_headers) {
      const auto key = fields.find(name);
      if (!key || key->empty()) continue;
      return known("key", *key, now, [](const std::string& hash) {
        return Read{read_api_key(hash), {}};
      });
    }
    return nobody();
  }

  /// A peer as its address says; that of the last call is remembered, because connections are kept
  /// and one gateway may be all there is.
  struct Known {
    std::string given;
    std::string address;  // in one spelling
    bool trusted = false;
  };
  const Known& known_peer(std::string_view given) {
    if (last_peer && last_peer->given == given) return *last_peer;
    const auto address = Address::parse(given);
    const bool believed = address && std::ranges::any_of(trusted, [&](const Network& network) {
                            return network.contains(*address);
                          });
    last_peer = {std::string(given), address ? address->text() : std::string(given), believed};
    return *last_peer;
  }

  Options options;
  const redact::KeyedDigest& digest;
  std::vector<Network> trusted;
  std::optional<Known> last_peer;
  TokenCache cache;
  std::uint64_t generation = 0;  // of the keys that the cache is about
};

Identifier::Identifier(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Identifier::~Identifier() = default;
Identifier::Identifier(Identifier&&) noexcept = default;
Identifier& Identifier::operator=(Identifier&&) noexcept = default;

Result<Identifier> Identifier::make(Options options, const redact::KeyedDigest& digest) {
  auto impl = std::make_unique<Impl>(std::move(options), digest);
  for (const std::string& text : impl->options.trusted_addresses) {
    const auto network = Network::parse(text);
    if (!network) {
      return fail(
          Errc::invalid_argument,
          "trusted address \"" + text +
              "\" is no IP address or network; write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32");
    }
    impl->trusted.push_back(*network);
  }
  return Identifier(std::move(impl));
}

Identity Identifier::identify(const http::FieldList& fields, const Peer& peer, WallTime now) {
  Identity out;
  const Impl::Known& known = impl_->known_peer(peer.address);
  out.address = known.address;
  out.from_trusted = known.trusted;
  if (out.from_trusted) {
    if (const auto client = forwarded_client(fields, impl_->trusted)) out.address = client->text();
  }
  out.principal = impl_->principal(fields, peer, out.from_trusted, now);
  if (const auto agent = fields.find("User-Agent"))
    out.user_agent = cut(*agent, kUserAgentBytesMax);
  if (const auto id = fields.find("X-Request-ID")) out.request_id = cut(*id, kRequestIdBytesMax);
  if (const auto trace = fields.find("traceparent")) out.trace_id = mcp::trace_id_of(*trace);
  return out;
}

std::size_t Identifier::tokens() const { return impl_->cache.size(); }

}  // namespace tally::identity
