// SPDX-License-Identifier: Apache-2.0
// What must be believed, and a corpus of attacks that must not be (RFC 8725 and what was found in
// libraries since 2015).
#include "identity/token_verifier.h"

#include "base/limits.h"
#include "identity/claims.h"
#include "identity/jwt_keys.h"

#include <gtest/gtest.h>

#include <map>

namespace tally::identity {
namespace {

using crypto::JwsAlgorithm;
using std::chrono::seconds;

constexpr WallTime kCheckedAt{seconds{1'795'295'000}};
constexpr std::string_view kClaims =
    R"({"iss":"https://id.example","aud":"files","sub":"jane","exp":1795298600,"iat":1795295000})";
constexpr std::string_view kSecret = "a secret of at least thirty-two bytes";

/// One issuer for all tests: an RSA key takes a moment to make.
struct Issuer {
  TestKey rsa = TestKey::rsa();
  TestKey p256 = TestKey::p256();
  TestKey p384 = TestKey::p384();
  TestKey ed = TestKey::ed25519();
  std::shared_ptr<KeySource> source = source_of(
      key_set_json({rsa.jwk("r"), p256.jwk("e"), p384.jwk("f"), ed.jwk("d", R"("alg":"EdDSA",)")}));
};
const Issuer& issuer() {
  static const Issuer kIssuer;
  return kIssuer;
}

VerifierOptions options() {
  VerifierOptions out;
  out.issuers = {"https://id.example"};
  out.audiences = {"files"};
  return out;
}

Doubt doubt(const std::string& token, VerifierOptions with = options()) {
  return TokenVerifier(std::move(with), issuer().source).verify(token, kCheckedAt).doubt;
}
/// Of a token that is signed as it should be.
Doubt claims_doubt(std::string_view claims, VerifierOptions with = options()) {
  return doubt(issuer().p256.token("ES256", "e", claims), std::move(with));
}

TEST(TokenVerifier, BelievesEveryAlgorithm) {
  const Issuer& by = issuer();
  const std::map<std::string, std::pair<const TestKey*, std::string>> all{
      {"RS256", {&by.rsa, "r"}},  {"RS384", {&by.rsa, "r"}},  {"RS512", {&by.rsa, "r"}},
      {"PS256", {&by.rsa, "r"}},  {"PS384", {&by.rsa, "r"}},  {"PS512", {&by.rsa, "r"}},
      {"ES256", {&by.p256, "e"}}, {"ES384", {&by.p384, "f"}}, {"EdDSA", {&by.ed, "d"}}};
  for (const auto& [algorithm, key] : all) {
    const std::string token = key.first->token(algorithm, key.second, kClaims);
    const Verdict verdict = TokenVerifier(options(), by.source).verify(token, kCheckedAt);
    EXPECT_EQ(verdict.doubt, Doubt::none) << algorithm;
    EXPECT_EQ(verdict.key_id, key.second);
    EXPECT_EQ(verdict.until, WallTime{seconds{1'795'298'660}}) << "exp and a minute";
    // Any one byte of any part makes it another token.
    for (const std::size_t at : {token.find('.') - 3, token.find('.') + 9, token.size() - 9}) {
      std::string other = token;
      other[at] = other[at] == 'A' ? 'B' : 'A';
      EXPECT_NE(doubt(other), Doubt::none) << algorithm << ' ' << at;
    }
    // Under another name it is not this token.
    for (const auto& [wrong, unused] : all) {
      if (wrong == algorithm) continue;
      const std::string header = R"({"alg":")" + wrong + R"(","kid":")" + key.second + "\"}";
      EXPECT_NE(doubt(key.first->with_header(algorithm, header, kClaims)), Doubt::none);
    }
  }
}

TEST(TokenVerifier, BelievesTheSecret) {
  VerifierOptions with = options();
  with.secret = kSecret;
  const std::string header = R"({"alg":"HS256","typ":"JWT"})";
  EXPECT_EQ(doubt(hs256_token(kSecret, header, kClaims), with), Doubt::none);
  EXPECT_EQ(doubt(hs256_token("another", header, kClaims), with), Doubt::signature);
  EXPECT_EQ(
      TokenVerifier(with, nullptr).verify(hs256_token(kSecret, header, kClaims), kCheckedAt).doubt,
      Doubt::none);
  EXPECT_EQ(TokenVerifier(with, nullptr)
                .verify(issuer().p256.token("ES256", "e", kClaims), kCheckedAt)
                .doubt,
            Doubt::algorithm);
  EXPECT_EQ(doubt(hs256_token(kSecret, header, kClaims)), Doubt::algorithm) << "no secret is set";
}

TEST(TokenVerifier, NoneInAllSpellings) {
  for (const char* name :
       {"none", "None", "NONE", "nOnE", "", " none", "none ", "null", "HS256 "}) {
    const std::string head = base64url(R"({"alg":")" + std::string(name) + "\"}");
    EXPECT_EQ(doubt(head + '.' + base64url(kClaims) + '.'), Doubt::algorithm) << name;
    EXPECT_EQ(doubt(head + '.' + base64url(kClaims) + ".c2ln"), Doubt::algorithm) << name;
  }
  for (const char* header : {R"({"typ":"JWT"})", R"({"alg":null})", R"({"alg":false})"}) {
    EXPECT_EQ(doubt(base64url(header) + '.' + base64url(kClaims) + '.'), Doubt::malformed);
  }
  // A good token without its signature.
  const std::string good = issuer().p256.token("ES256", "e", kClaims);
  EXPECT_EQ(doubt(good.substr(0, good.rfind('.') + 1)), Doubt::signature);
}

TEST(TokenVerifier, APublicKeyIsNoSecret) {
  const TestKey& rsa = issuer().rsa;
  const std::string header = R"({"alg":"HS256","kid":"r"})";
  const std::string der = rsa.public_der();
  const std::string pem =
      "-----BEGIN PUBLIC KEY-----\n" + to_base64(as_bytes(der)) + "\n-----END PUBLIC KEY-----\n";
  VerifierOptions with = options();
  for (const std::string& secret : {der, pem, rsa.jwk("r"), std::string()}) {
    EXPECT_EQ(doubt(hs256_token(secret, header, kClaims)), Doubt::algorithm);
    with.secret = kSecret;
    EXPECT_EQ(doubt(hs256_token(secret, header, kClaims), with), Doubt::signature);
  }
  // Nor does a key set with a secret in it give one.
  const auto source = source_of(
      key_set_json({rsa.jwk("r"), R"({"kty":"oct","kid":"s","k":")" + base64url(kSecret) + "\"}"}));
  const std::string forged = hs256_token(kSecret, R"({"alg":"HS256","kid":"s"})", kClaims);
  EXPECT_EQ(TokenVerifier(options(), source).verify(forged, kCheckedAt).doubt, Doubt::algorithm);
}

TEST(TokenVerifier, OnlyAllowedAlgorithms) {
  VerifierOptions with = options();
  with.algorithms = {JwsAlgorithm::es256};
  EXPECT_EQ(doubt(issuer().p256.token("ES256", "e", kClaims), with), Doubt::none);
  EXPECT_EQ(doubt(issuer().rsa.token("RS256", "r", kClaims), with), Doubt::algorithm);
  // A key that its issuer keeps for one algorithm.
  const auto source = source_of(key_set_json({issuer().rsa.jwk("r", R"("alg":"PS256",)")}));
  const TokenVerifier strict(options(), source);
  EXPECT_EQ(strict.verify(issuer().rsa.token("PS256", "r", kClaims), kCheckedAt).doubt,
            Doubt::none);
  EXPECT_EQ(strict.verify(issuer().rsa.token("RS256", "r", kClaims), kCheckedAt).doubt,
            Doubt::algorithm);
}

TEST(TokenVerifier, IssuerAndAudience) {
  EXPECT_EQ(claims_doubt(kClaims), Doubt::none);
  EXPECT_EQ(claims_doubt(R"({"aud":"files"})"), Doubt::issuer);
  EXPECT_EQ(claims_doubt(R"({"iss":"https://id.example/","aud":"files"})"), Doubt::issuer);
  EXPECT_EQ(claims_doubt(R"({"iss":["https://id.example"],"aud":"files"})"), Doubt::issuer);
  EXPECT_EQ(claims_doubt(R"({"iss":"https://id.example"})"), Doubt::audience);
  EXPECT_EQ(claims_doubt(R"({"iss":"https://id.example","aud":"FILES"})"), Doubt::audience);
  EXPECT_EQ(claims_doubt(R"({"iss":"https://id.example","aud":["a","b"]})"), Doubt::audience);
  EXPECT_EQ(claims_doubt(R"({"iss":"https://id.example","aud":[]})"), Doubt::audience);
  EXPECT_EQ(claims_doubt(R"({"iss":"https://id.example","aud":{"files":1}})"), Doubt::audience);
  EXPECT_EQ(claims_doubt(R"({"iss":"https://id.example","aud":["a","files"]})"), Doubt::none);
  EXPECT_EQ(claims_doubt("{}", VerifierOptions{}), Doubt::none) << "nothing was asked for";
}

TEST(TokenVerifier, Times) {
  const auto at = [](std::string_view claims, VerifierOptions with = {}) {
    return claims_doubt(claims, std::move(with));
  };
  EXPECT_EQ(at(R"({"exp":1795294941})"), Doubt::none) << "within a minute";
  EXPECT_EQ(at(R"({"exp":1795294940})"), Doubt::expired);
  EXPECT_EQ(at(R"({"exp":1795294940.9})"), Doubt::expired);
  EXPECT_EQ(at(R"({"exp":0})"), Doubt::expired);
  EXPECT_EQ(at(R"({"nbf":1795295060})"), Doubt::none);
  EXPECT_EQ(at(R"({"nbf":1795295061})"), Doubt::not_yet_valid);
  EXPECT_EQ(at(R"({"iat":1795295061})"), Doubt::issued_later);
  for (const char* broken :
       {R"({"exp":"1895294940"})", R"({"exp":-1})", R"({"exp":1e12})", R"({"exp":null})",
        R"({"exp":99999999999999999999})", R"({"nbf":[]})", R"({"iat":"now"})"}) {
    EXPECT_EQ(at(broken), Doubt::malformed) << broken;
  }
  VerifierOptions strict;
  strict.leeway = seconds(0);
  EXPECT_EQ(at(R"({"exp":1795295000})", strict), Doubt::expired);
  EXPECT_EQ(at(R"({"exp":1795295001})", strict), Doubt::none);
  strict.expiry_needed = true;
  EXPECT_EQ(at("{}", strict), Doubt::no_expiry);
  const TokenVerifier verifier({}, issuer().source);
  const std::string early = issuer().p256.token("ES256", "e", R"({"nbf":1795296000})");
  EXPECT_EQ(verifier.verify(early, kCheckedAt).until, WallTime{seconds{1'795'295'940}});
  EXPECT_EQ(verifier.verify(early, *verifier.verify(early, kCheckedAt).until).doubt, Doubt::none);
}

TEST(TokenVerifier, ClaimsThatAreThereTwice) {
  EXPECT_EQ(claims_doubt(R"({"sub":"jane","sub":"root"})", {}), Doubt::repeated_claim);
  EXPECT_EQ(claims_doubt(R"({"sub":"jane","s\u0075b":"root"})", {}), Doubt::repeated_claim);
  EXPECT_EQ(claims_doubt(R"({"aud":"a","Aud":"b"})", {}), Doubt::repeated_claim);
  EXPECT_EQ(claims_doubt("[1]", {}), Doubt::malformed);
  EXPECT_EQ(claims_doubt("no JSON", {}), Doubt::malformed);
}

TEST(TokenVerifier, AKeyIdIsANameAndNothingElse) {
  const TestKey& mine = issuer().p256;
  for (const char* id :
       {"../../../dev/null", "/etc/passwd", "file:///dev/null", "' OR '1'='1", "e' UNION SELECT 'x",
        "https://evil.example/keys", "|sleep 9", "$(id)", "E", "e ", "e\\u0000", "*", ""}) {
    const std::string token = mine.token("ES256", id, kClaims);
    EXPECT_EQ(doubt(token), Doubt::unknown_key) << id;
  }
  EXPECT_EQ(doubt(mine.token("ES256", "r", kClaims)), Doubt::algorithm) << "an RSA key";
  EXPECT_EQ(doubt(mine.token("ES256", "\\u0065", kClaims)), Doubt::none) << "that is e";
  EXPECT_EQ(doubt(mine.with_header("ES256", R"({"alg":"ES256"})", kClaims)), Doubt::none)
      << "without an id the keys are tried";
}

TEST(TokenVerifier, KeysInTheTokenAreNotLookedAt) {
  const TestKey forger = TestKey::p256();
  const std::string own = forger.jwk("e");
  for (const std::string& more :
       {R"(,"jwk":)" + own, std::string(R"(,"jku":"https://evil.example/jwks.json")"),
        std::string(R"(,"x5u":"https://evil.example/cert.pem")"),
        std::string(R"(,"x5c":["MIIB"],"x5t":"abc")")}) {
    EXPECT_EQ(doubt(forger.token("ES256", "e", kClaims, more)), Doubt::signature) << more;
    EXPECT_EQ(doubt(forger.token("ES256", "mine", kClaims, more)), Doubt::unknown_key) << more;
    EXPECT_EQ(doubt(issuer().p256.token("ES256", "e", kClaims, more)), Doubt::none) << more;
  }
}

TEST(TokenVerifier, HeadersThatMustBeUnderstood) {
  const TestKey& mine = issuer().p256;
  EXPECT_EQ(doubt(mine.token("ES256", "e", kClaims, R"(,"crit":["exp"],"exp":1)")),
            Doubt::critical_header);
  EXPECT_EQ(doubt(mine.token("ES256", "e", kClaims, R"(,"b64":false,"crit":["b64"])")),
            Doubt::critical_header);
  EXPECT_EQ(doubt(mine.token("ES256", "e", kClaims, R"(,"kid":"e")")), Doubt::repeated_header);
}

TEST(TokenVerifier, SpellingsOfTheSameBytes) {
  const std::string good = issuer().rsa.token("RS256", "r", kClaims);  // 256 bytes: 4 spare bits
  ASSERT_EQ(doubt(good), Doubt::none);
  std::string other = good;
  ASSERT_NE(other.back(), '_');
  ++other.back();
  EXPECT_EQ(doubt(other), Doubt::malformed);
  EXPECT_EQ(doubt(good + "=="), Doubt::malformed);
  EXPECT_EQ(doubt(good + " "), Doubt::malformed);
  EXPECT_EQ(doubt(good + ".e30"), Doubt::malformed);
  EXPECT_EQ(doubt(std::string(kTokenBytesMax + 1, 'a')), Doubt::malformed);
  EXPECT_EQ(doubt(std::string(1'000, '.')), Doubt::malformed);
}

TEST(TokenVerifier, SignaturesThatAreNone) {
  const std::string good = issuer().p256.token("ES256", "e", kClaims);
  const std::string input = good.substr(0, good.rfind('.') + 1);
  const std::string raw = *from_base64url(good.substr(input.size()));
  ASSERT_EQ(raw.size(), 64U);
  const auto with = [&](const std::string& signature) {
    return doubt(input + base64url(signature));
  };
  EXPECT_EQ(with(raw), Doubt::none);
  EXPECT_EQ(with(std::string(64, '\0')), Doubt::signature) << "CVE-2022-21449";
  EXPECT_EQ(with(std::string(32, '\0') + raw.substr(32)), Doubt::signature);
  EXPECT_EQ(with(raw.substr(0, 32) + std::string(32, '\0')), Doubt::signature);
  EXPECT_EQ(with(std::string(64, '\xff')), Doubt::signature);
  EXPECT_EQ(with(raw.substr(0, 63)), Doubt::signature);
  EXPECT_EQ(with(raw + '\0'), Doubt::signature);
  EXPECT_EQ(
      with(std::string(16, '\0') + raw.substr(0, 32) + std::string(16, '\0') + raw.substr(32)),
      Doubt::signature);
  EXPECT_EQ(with(""), Doubt::signature);
}

TEST(TokenVerifier, WithoutKeysNothingIsBelievedAndTheyAreAskedFor) {
  const auto source = std::make_shared<KeySource>();
  const TokenVerifier verifier(options(), source);
  const std::string token = issuer().p256.token("ES256", "e", kClaims);
  EXPECT_EQ(verifier.verify(token, kCheckedAt).doubt, Doubt::no_keys);
  std::stop_source stop;
  source->wait(stop.get_token(), std::chrono::hours(1));  // would last, had nobody asked
  source->set(issuer().source->keys());
  EXPECT_EQ(verifier.verify(token, kCheckedAt).doubt, Doubt::none);
  EXPECT_EQ(verifier.generation(), 1U);
  EXPECT_EQ(verifier.verify(issuer().p256.token("ES256", "new", kClaims), kCheckedAt).doubt,
            Doubt::unknown_key);
  source->wait(stop.get_token(), std::chrono::hours(1));
}

TEST(TokenVerifier, EveryDoubtHasAText) {
  std::map<std::string_view, int> texts;
  for (int i = 1; i <= static_cast<int>(Doubt::no_expiry); ++i) {
    ++texts[doubt_text(static_cast<Doubt>(i))];
  }
  EXPECT_EQ(texts.size(), static_cast<std::size_t>(Doubt::no_expiry));
  EXPECT_EQ(texts.count(""), 0U);
  EXPECT_EQ(doubt_text(Doubt::none), "");
}

}  // namespace
}  // namespace tally::identity
