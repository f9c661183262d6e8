// SPDX-License-Identifier: Apache-2.0
// What it takes to say who sent a request: a token that is known, and one that has to be checked.
#include "identity/identity.h"
#include "identity/jwt_keys.h"
#include "identity/token_verifier.h"

#include <chrono>
#include <cstdio>

namespace {

using namespace tally;
using namespace tally::identity;

constexpr WallTime kNow{std::chrono::seconds{1'795'295'000}};
constexpr std::size_t kTokens = 2'000;
constexpr std::size_t kKnownRounds = 200'000;

/// About what an identity provider puts into one.
std::string claims(std::size_t number) {
  return R"({"iss":"https://id.example.com/realms/main","aud":["files","account"],"sub":"f3b1c5d2-)" +
         std::to_string(number) +
         R"(","exp":1795298600,"iat":1795295000,"jti":"d2c1a7f4-7f0c-4f5e-9b1a-0d2f6f1f2b3c",)"
         R"("azp":"web","scope":"openid profile email","email":"jane@example.com",)"
         R"("realm_access":{"roles":["offline_access","uma_authorization","user"]}})";
}

template <class F>
double microseconds(std::size_t rounds, F&& work) {
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < rounds; ++i) work(i);
  const std::chrono::duration<double, std::micro> all = std::chrono::steady_clock::now() - start;
  return all.count() / static_cast<double>(rounds);
}

void measure(const char* algorithm, const TestKey& key) {
  VerifierOptions checked;
  checked.issuers = {"https://id.example.com/realms/main"};
  checked.audiences = {"files"};
  Options options;
  options.verifier = std::make_shared<const TokenVerifier>(
      std::move(checked), source_of(key_set_json({TestKey::p256().jwk("other"), key.jwk("k")})));
  const redact::KeyedDigest digest(as_bytes("0123456789abcdef0123456789abcdef"));
  auto identifier = Identifier::make(std::move(options), digest);
  std::vector<http::FieldList> heads;
  for (std::size_t i = 0; i < kTokens; ++i) {
    heads.push_back(fields({{"Host", "mcp.example.com"},
                            {"Authorization", "Bearer " + key.token(algorithm, "k", claims(i))}}));
  }
  std::size_t believed = 0;
  const auto ask = [&](std::size_t i) {
    const Identity who = identifier->identify(heads[i % kTokens], "198.51.100.7", kNow);
    believed += who.principal->verified == event::ActorVerified::yes ? 1 : 0;
  };
  const double first = microseconds(kTokens, ask);
  const double known = microseconds(kKnownRounds, ask);
  std::printf("%s: %.1f us the first time, %.2f us when known (token of %zu bytes)%s\n", algorithm,
              first, known, heads[0].find("Authorization")->size(),
              believed == kTokens + kKnownRounds ? "" : "; NOT ALL BELIEVED");
}

}  // namespace

int main() {
  measure("ES256", TestKey::p256());
  measure("RS256", TestKey::rsa());
  measure("EdDSA", TestKey::ed25519());
  measure("ES384", TestKey::p384());
  return 0;
}
