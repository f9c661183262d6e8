// SPDX-License-Identifier: Apache-2.0
#include "crypto/signed_note.h"

#include "base/check.h"
#include "base/limits.h"

#include <algorithm>
#include <array>

namespace tally::crypto {
namespace {

/// Em dash (U+2014) and a space.
constexpr std::string_view kSignaturePrefix = "\xE2\x80\x94 ";
constexpr std::size_t kKeyIdBytes = 4;

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; });
}

/// One signature line without its LF.
Result<NoteSignature> parse_signature_line(std::string_view line) {
  if (!line.starts_with(kSignaturePrefix)) {
    return fail(Errc::malformed, "note: a signature line must start with an em dash and a space");
  }
  line.remove_prefix(kSignaturePrefix.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || !check_key_name(line.substr(0, space))) {
    return fail(Errc::malformed, "note: a signature line must have a key name and a signature");
  }
  const auto bytes = from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= kKeyIdBytes) {
    return fail(Errc::malformed, "note: a signature is not canonical base64 of at least 5 bytes");
  }
  return NoteSignature{std::string(line.substr(0, space)), load_be32(as_bytes(*bytes).data()),
                       bytes->substr(kKeyIdBytes)};
}

std::string key_label(const NoteSignature& signature) {
  return signature.name + '+' + format_key_id(signature.key_id);
}

}  // namespace

Result<SignedNote> parse_signed_note(std::string_view bytes) {
  if (bytes.size() > kSmallFileBytesMax) {
    return fail(Errc::too_large,
                "note: more than " + std::to_string(kSmallFileBytesMax) + " bytes");
  }
  if (!is_utf8(bytes) || has_control_characters(bytes)) {
    return fail(Errc::malformed, "note: must be UTF-8 without control characters");
  }
  const std::size_t split = bytes.rfind("\n\n");
  if (split == std::string_view::npos || !bytes.ends_with('\n')) {
    return fail(Errc::malformed,
                "note: must be text, an empty line and signature lines, and end in a line end");
  }
  SignedNote note{std::string(bytes.substr(0, split + 1)), {}};
  std::string_view lines = bytes.substr(split + 2);
  while (!lines.empty()) {
    if (note.signatures.size() == kNoteSignaturesMax) {
      return fail(Errc::too_large,
                  "note: more than " + std::to_string(kNoteSignaturesMax) + " signatures");
    }
    const std::size_t end = lines.find('\n');
    TALLY_TRY(NoteSignature signature, parse_signature_line(lines.substr(0, end)));
    note.signatures.push_back(std::move(signature));
    lines.remove_prefix(end + 1);
  }
  if (note.signatures.empty()) return fail(Errc::malformed, "note: has no signature");
  return note;
}

std::string format_signed_note(const SignedNote& note) {
  std::string out = note.text + '\n';
  for (const NoteSignature& signature : note.signatures) {
    std::string bytes(kKeyIdBytes, '\0');
    store_be32(signature.key_id, reinterpret_cast<std::byte*>(bytes.data()));
    bytes += signature.signature;
    out += kSignaturePrefix;
    out += signature.name + ' ' + to_base64(as_bytes(bytes)) + '\n';
  }
  return out;
}

Result<SignedNote> sign_note(std::string_view text, const NoteSigner& signer) {
  if (!text.ends_with('\n') || !is_utf8(text) || has_control_characters(text)) {
    return fail(Errc::invalid_argument,
                "text of a note must be UTF-8 without control characters and end in a line end");
  }
  const Ed25519Signature signature = signer.sign(text);
  return SignedNote{std::string(text),
                    {{signer.name(), signer.id(), std::string(as_text(signature))}}};
}

Result<VerifiedNote> verify_note(const SignedNote& note, std::span<const NoteVerifier> known) {
  std::vector<NoteVerifier> signers;
  for (const NoteSignature& signature : note.signatures) {
    bool is_known = false;
    bool is_good = false;
    // Two known keys may share name and id by accident (the id has 32 bits): either may have
    // signed.
    for (const NoteVerifier& verifier : known) {
      if (verifier.id() != signature.key_id || verifier.name() != signature.name) continue;
      is_known = true;
      if (!verifier.verify(note.text, as_bytes(signature.signature))) continue;
      is_good = true;
      if (std::ranges::find(signers, verifier) == signers.end()) signers.push_back(verifier);
    }
    if (is_known && !is_good) {
      return fail(Errc::mismatch, "note: the signature by " + key_label(signature) +
                                      " does not fit the text; it was changed or forged");
    }
  }
  if (signers.empty()) {
    return fail(Errc::mismatch,
                "note: no signature by a known key (signed by " +
                    (note.signatures.empty() ? "nobody" : key_label(note.signatures.front())) +
                    ")");
  }
  return VerifiedNote(note.text, std::move(signers));
}

}  // namespace tally::crypto
