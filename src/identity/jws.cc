// SPDX-License-Identifier: Apache-2.0
#include "identity/jws.h"

#include "base/json.h"
#include "base/limits.h"
#include "identity/claims.h"

#include <algorithm>

namespace tally::identity {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kAlgorithmBytesMax = 16;
constexpr std::size_t kHeaderNodesMax = 256;

JwsFault read_header(const std::string& text, Jws& out) {
  json::Document document;
  const auto header = document.parse(text, {.nodes_max = kHeaderNodesMax});
  if (!header || !header->is(json::Kind::object)) return JwsFault::malformed;
  if (json::ambiguous_key(*header)) return JwsFault::repeated_header;
  if (header->find("crit")) return JwsFault::critical_header;
  const auto algorithm = header->find("alg");
  if (!algorithm || !algorithm->is(json::Kind::string)) return JwsFault::malformed;
  out.algorithm = algorithm->text_start(kAlgorithmBytesMax);
  // A longer name must not become a known one by being cut.
  if (!algorithm->text_is(out.algorithm)) return JwsFault::malformed;
  if (const auto id = header->find("kid")) {
    if (!id->is(json::Kind::string) || id->raw().size() > 6 * kKeyIdBytesMax) {
      return JwsFault::malformed;
    }
    out.key_id = id->text();
    if (out.key_id->size() > kKeyIdBytesMax) return JwsFault::malformed;
  }
  return JwsFault::none;
}

}  // namespace

std::optional<std::string> from_canonical_base64url(std::string_view text) {
  auto out = from_base64url(text);
  if (!out || text.size() % 4 == 0) return out;
  // Two characters are one byte and four bits too many, three are two bytes and two bits.
  const std::size_t last = kAlphabet.find(text.back());
  const std::size_t unused = text.size() % 4 == 2 ? 0x0f : 0x03;
  if ((last & unused) != 0) return std::nullopt;
  return out;
}

JwsFault parse_jws(std::string_view token, Jws& out) {
  if (token.size() > kTokenBytesMax || std::ranges::count(token, '.') != 2) {
    return JwsFault::malformed;
  }
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  const auto header = from_canonical_base64url(token.substr(0, first));
  auto payload = from_canonical_base64url(token.substr(first + 1, second - first - 1));
  auto signature = from_canonical_base64url(token.substr(second + 1));
  if (!header || !payload || !signature) return JwsFault::malformed;
  out.payload = std::move(*payload);
  out.signature = std::move(*signature);
  out.signed_part = token.substr(0, second);
  return read_header(*header, out);
}

}  // namespace tally::identity
