// SPDX-License-Identifier: Apache-2.0
#include "merkle/checkpoint.h"

#include "base/limits.h"
#include "merkle/text_lines.h"
#include "merkle/tree_hasher.h"

#include <algorithm>
#include <utility>

namespace tally::merkle {
namespace {

constexpr std::string_view kHashExtension = "hash ";

/// The algorithm that the lines after the root name; none means sha256.
Result<crypto::HashAlgorithm> parse_extensions(std::string_view rest) {
  if (rest.empty()) return crypto::HashAlgorithm::sha256;
  const auto line = take_line(rest);
  if (!line) return fail(Errc::malformed, "checkpoint: must end in a line end");
  const auto name = after_prefix(*line, kHashExtension);
  if (!name || !rest.empty()) {
    return fail(Errc::unsupported,
                "checkpoint: has an extension line that this version does not know");
  }
  TALLY_TRY(const crypto::HashAlgorithm algorithm, crypto::parse_hash_name(*name));
  if (algorithm == crypto::HashAlgorithm::sha256) {
    return fail(Errc::malformed, "checkpoint: sha256 must not be named");
  }
  return algorithm;
}

}  // namespace

Result<void> check_origin(std::string_view origin) {
  if (origin.empty() || origin.size() > kOriginBytesMax) {
    return fail(Errc::invalid_argument,
                "origin must have 1 to " + std::to_string(kOriginBytesMax) + " bytes");
  }
  const bool control = std::ranges::any_of(
      origin, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; });
  if (control || !is_utf8(origin)) {
    return fail(Errc::invalid_argument, "origin must be UTF-8 without control characters");
  }
  return {};
}

std::string format_checkpoint(const Checkpoint& checkpoint) {
  std::string out = checkpoint.origin + '\n' + std::to_string(checkpoint.size.value()) + '\n' +
                    checkpoint.root.to_base64() + '\n';
  if (checkpoint.algorithm != crypto::HashAlgorithm::sha256) {
    out += kHashExtension;
    out += crypto::hash_name(checkpoint.algorithm);
    out += '\n';
  }
  return out;
}

Result<Checkpoint> parse_checkpoint(std::string_view text) {
  const auto origin = take_line(text);
  const auto size_line = take_line(text);
  const auto root_line = take_line(text);
  if (!origin || !size_line || !root_line) {
    return fail(Errc::malformed, "checkpoint: must have lines for origin, size and root");
  }
  if (!check_origin(*origin)) return fail(Errc::malformed, "checkpoint: bad origin line");
  const auto size = parse_decimal(*size_line);
  if (!size) return fail(Errc::malformed, "checkpoint: size is not a canonical decimal number");
  TALLY_TRY(const crypto::HashAlgorithm algorithm, parse_extensions(text));
  const auto root = RootHash::from_base64(*root_line, crypto::digest_bytes(algorithm));
  if (!root) {
    return fail(Errc::malformed, "checkpoint: root is not canonical base64 of a " +
                                     std::string(crypto::hash_name(algorithm)) + " hash");
  }
  if (*size == 0 && *root != TreeHasher(algorithm).empty_root()) {
    return fail(Errc::malformed, "checkpoint: size 0 with the root of a tree that is not empty");
  }
  return Checkpoint{std::string(*origin), TreeSize{*size}, *root, algorithm};
}

Result<std::string> sign_checkpoint(const Checkpoint& checkpoint,
                                    const crypto::NoteSigner& signer) {
  const std::string text = format_checkpoint(checkpoint);
  // Whatever could not be read back must not be signed.
  const Result<Checkpoint> parsed = parse_checkpoint(text);
  if (!parsed) return fail(Errc::invalid_argument, "cannot sign: " + parsed.error().detail);
  TALLY_TRY(const crypto::SignedNote note, crypto::sign_note(text, signer));
  return crypto::format_signed_note(note);
}

Result<VerifiedCheckpoint> verify_checkpoint(std::string_view note,
                                             std::span<const crypto::NoteVerifier> known,
                                             std::string_view origin) {
  TALLY_TRY(const crypto::SignedNote parsed, crypto::parse_signed_note(note));
  TALLY_TRY(const crypto::VerifiedNote verified, crypto::verify_note(parsed, known));
  TALLY_TRY(Checkpoint checkpoint, parse_checkpoint(verified.text()));
  if (checkpoint.origin != origin) {
    return fail(Errc::mismatch, "checkpoint: is of origin \"" + checkpoint.origin +
                                    "\", not of \"" + std::string(origin) + "\"");
  }
  return VerifiedCheckpoint(std::move(checkpoint), std::string(note), verified.signers());
}

Result<Checkpoint> read_unverified_checkpoint(std::string_view note) {
  TALLY_TRY(const crypto::SignedNote parsed, crypto::parse_signed_note(note));
  return parse_checkpoint(parsed.text);
}

}  // namespace tally::merkle
