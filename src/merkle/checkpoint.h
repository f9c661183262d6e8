// SPDX-License-Identifier: Apache-2.0
// Checkpoints (C2SP tlog-checkpoint v1.0.0): what the log signs about itself.
#pragma once

#include "base/ordinal.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/signed_note.h"
#include "merkle/hash_types.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tally::merkle {

/// A statement about a tree. Unverified: whoever holds one knows only what it says.
struct Checkpoint {
  std::string origin;  ///< obeys check_origin(); ours also crypto::check_key_name()
  TreeSize size;
  RootHash root;
  crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::sha256;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// Whether `origin` can be the first line of a checkpoint: 1 to kOriginBytesMax bytes of UTF-8
/// without control characters. Errors: invalid_argument.
[[nodiscard]] Result<void> check_origin(std::string_view origin);

/// The signed text: origin, size, base64 root, and for another algorithm than sha256 `hash <name>`;
/// one line each.
[[nodiscard]] std::string format_checkpoint(const Checkpoint& checkpoint);
/// Accepts only what format_checkpoint() gives back; an unknown extension line is refused, because
/// a statement we do not understand must not count as understood. Size 0 must come with the empty
/// root. Errors: malformed; unsupported for an unknown hash or extension line.
[[nodiscard]] Result<Checkpoint> parse_checkpoint(std::string_view text);

/// A signed checkpoint, as the bytes of its note. Errors: invalid_argument for a bad origin, or a
/// root whose length is not that of the algorithm.
[[nodiscard]] Result<std::string> sign_checkpoint(const Checkpoint& checkpoint,
                                                  const crypto::NoteSigner& signer);

/// A checkpoint signed by a key that the verifier was told to believe. Made only by
/// verify_checkpoint().
class VerifiedCheckpoint {
 public:
  [[nodiscard]] const Checkpoint& checkpoint() const { return checkpoint_; }
  [[nodiscard]] TreeSize size() const { return checkpoint_.size; }
  [[nodiscard]] const RootHash& root() const { return checkpoint_.root; }
  /// The note it was read from, byte for byte.
  [[nodiscard]] const std::string& note() const { return note_; }
  /// Known keys that signed, each once.
  [[nodiscard]] const std::vector<crypto::NoteVerifier>& signers() const { return signers_; }

 private:
  friend Result<VerifiedCheckpoint> verify_checkpoint(std::string_view note,
                                                      std::span<const crypto::NoteVerifier> known,
                                                      std::string_view origin);
  VerifiedCheckpoint(Checkpoint checkpoint, std::string note,
                     std::vector<crypto::NoteVerifier> signers)
      : checkpoint_(std::move(checkpoint)), note_(std::move(note)), signers_(std::move(signers)) {}
  Checkpoint checkpoint_;
  std::string note_;
  std::vector<crypto::NoteVerifier> signers_;
};

/// Checks form, signature and origin of a note. `known` are keys of the log itself: one of them is
/// enough, so a witness's key has no place among them. Errors: malformed, too_large, unsupported;
/// mismatch for no known signer, a wrong signature, or another origin.
[[nodiscard]] Result<VerifiedCheckpoint> verify_checkpoint(
    std::string_view note, std::span<const crypto::NoteVerifier> known, std::string_view origin);
/// The checkpoint in a note whose signatures are not looked at: to show it, never to trust it.
/// Errors: malformed, too_large, unsupported.
[[nodiscard]] Result<Checkpoint> read_unverified_checkpoint(std::string_view note);

}  // namespace tally::merkle
