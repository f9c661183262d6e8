// SPDX-License-Identifier: Apache-2.0
// Whatever a token looks like: what is taken apart is spelled in one way only, and nothing but the
// tokens of the seeds is believed under their keys (RFC 7515, A.1 and A.3).
#include "base/check.h"
#include "base/encoding.h"
#include "identity/jws.h"
#include "identity/key_set.h"
#include "identity/token_verifier.h"
#include "identity/tokens.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tally;
  using namespace tally::identity;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Jws jws;
  if (parse_jws(text, jws) == JwsFault::none) {
    const std::size_t payload = text.find('.') + 1;
    TALLY_CHECK(text.substr(payload) == base64url(jws.payload) + '.' + base64url(jws.signature));
    TALLY_CHECK(text.starts_with(jws.signed_part));
  }
  if (const auto keys = KeySet::parse(text)) TALLY_CHECK(!keys->keys().empty());
  static const TokenVerifier verifier = [] {
    VerifierOptions options;
    options.secret = *from_canonical_base64url(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
    auto source = std::make_shared<KeySource>();
    auto keys = KeySet::parse(
        R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
        R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})");
    TALLY_CHECK(keys.has_value());
    source->set(std::make_shared<const KeySet>(std::move(*keys)));
    return TokenVerifier(std::move(options), std::move(source));
  }();
  const WallTime before{std::chrono::seconds{1'300'819'000}};
  const Verdict verdict = verifier.verify(text, before);
  if (verdict.believed()) {
    TALLY_CHECK(jws.payload.starts_with("{\"iss\":\"joe\",\r\n \"exp\":1300819380"));
    TALLY_CHECK(verifier.verify(text, *verdict.until).doubt == Doubt::expired);
  }
  return 0;
}
