// SPDX-License-Identifier: Apache-2.0
// Signed notes (C2SP signed-note v1.0.0): text, an empty line, and one line for each signature.
#pragma once

#include "base/result.h"
#include "crypto/note_key.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tally::crypto {

/// One signature line: `— <name> <base64(key id || signature)>`.
struct NoteSignature {
  std::string name;
  KeyId key_id;
  std::string signature;  ///< raw bytes after the key id; at least one
  friend bool operator==(const NoteSignature&, const NoteSignature&) = default;
};

/// A note as it was read: nothing about it has been checked but its form.
struct SignedNote {
  std::string text;  ///< ends in LF
  std::vector<NoteSignature> signatures;
  friend bool operator==(const SignedNote&, const SignedNote&) = default;
};

/// Accepts only what format_signed_note() gives back: UTF-8, no ASCII control character but LF, a
/// final LF, 1 to kNoteSignaturesMax signatures, canonical base64, at most kSmallFileBytesMax
/// bytes. Text and signatures are separated at the last empty line. Errors: malformed, too_large.
[[nodiscard]] Result<SignedNote> parse_signed_note(std::string_view bytes);

/// The bytes of a note.
[[nodiscard]] std::string format_signed_note(const SignedNote& note);

/// A note with one signature. Errors: invalid_argument when `text` cannot be the text of a note (no
/// final LF, not UTF-8, control characters).
[[nodiscard]] Result<SignedNote> sign_note(std::string_view text, const NoteSigner& signer);

/// A note with at least one good signature by a known key. Made only by verify_note().
class VerifiedNote {
 public:
  [[nodiscard]] const std::string& text() const { return text_; }
  /// Keys that signed, each once, in the order of the note.
  [[nodiscard]] const std::vector<NoteVerifier>& signers() const { return signers_; }

 private:
  friend Result<VerifiedNote> verify_note(const SignedNote& note,
                                          std::span<const NoteVerifier> known);
  VerifiedNote(std::string text, std::vector<NoteVerifier> signers)
      : text_(std::move(text)), signers_(std::move(signers)) {}
  std::string text_;
  std::vector<NoteVerifier> signers_;
};

/// Signatures by unknown keys (name and id) are ignored; a known key whose signature fails rejects
/// the whole note; so does a note without any signature by a known key. Errors: mismatch.
[[nodiscard]] Result<VerifiedNote> verify_note(const SignedNote& note,
                                               std::span<const NoteVerifier> known);

}  // namespace tally::crypto
