// SPDX-License-Identifier: Apache-2.0
// Proofs as files that stand alone (C2SP tlog-proof): hashes and the signed checkpoint they lead
// to.
#pragma once

#include "base/ordinal.h"
#include "base/result.h"
#include "merkle/checkpoint.h"
#include "merkle/hash_types.h"
#include "merkle/proof.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tally::merkle {

/// An inclusion proof. First line `c2sp.org/tlog-proof@v1`; for another hash than sha256
/// `tallystick/tlog-proof@v1 <hash name>`, since C2SP's format knows only sha256.
struct InclusionProofFile {
  crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::sha256;
  std::optional<std::string> extra;  ///< raw bytes that nothing authenticates
  LeafIndex index;
  std::vector<NodeHash> hashes;  ///< leaf sibling first
  std::string checkpoint_note;   ///< the signed checkpoint, byte for byte
  friend bool operator==(const InclusionProofFile&, const InclusionProofFile&) = default;
};

/// A consistency proof. First line `tallystick/consistency-proof@v1`, followed by ` <hash name>`
/// unless sha256; then `old <size> <base64 root>`, the hashes, an empty line and the signed
/// checkpoint of the newer tree.
struct ConsistencyProofFile {
  crypto::HashAlgorithm algorithm = crypto::HashAlgorithm::sha256;
  TreeSize old_size;
  RootHash old_root;
  std::vector<NodeHash> hashes;
  std::string checkpoint_note;
  friend bool operator==(const ConsistencyProofFile&, const ConsistencyProofFile&) = default;
};

[[nodiscard]] std::string format_inclusion_proof(const InclusionProofFile& proof);
[[nodiscard]] std::string format_consistency_proof(const ConsistencyProofFile& proof);

/// Accept only what the format function gives back; the checkpoint's form is checked, its signature
/// is not. At most kProofFileBytesMax bytes and kProofHashesMax hashes. Errors: malformed,
/// too_large, unsupported.
[[nodiscard]] Result<InclusionProofFile> parse_inclusion_proof(std::string_view bytes);
[[nodiscard]] Result<ConsistencyProofFile> parse_consistency_proof(std::string_view bytes);
/// Whether the first line is that of a consistency proof; to choose the parser.
[[nodiscard]] bool is_consistency_proof(std::string_view bytes);

/// What a proof file shows: a checkpoint by a known key, and whether the hashes lead to it.
struct ProofCheck {
  VerifiedCheckpoint checkpoint;
  Verdict verdict;
};

/// Checks signature, origin and path of an inclusion proof for the entry with this leaf hash.
/// Errors: as verify_checkpoint(); mismatch when the checkpoint's hash algorithm is another one
/// than the file's.
[[nodiscard]] Result<ProofCheck> check_inclusion(const InclusionProofFile& proof,
                                                 const LeafHash& leaf,
                                                 std::span<const crypto::NoteVerifier> known,
                                                 std::string_view origin);

/// A tree that the caller has seen and believes in: the anchor of a consistency proof.
/// Taken from the proof file itself it proves only that the file agrees with itself.
struct KnownTree {
  TreeSize size;
  RootHash root;
};
/// Checks that the file is about the tree the caller knows (verdict RootMismatch or ProofMalformed
/// if not) and that the newer signed tree contains it. Errors as check_inclusion().
[[nodiscard]] Result<ProofCheck> check_consistency(const ConsistencyProofFile& proof,
                                                   const KnownTree& known_tree,
                                                   std::span<const crypto::NoteVerifier> known,
                                                   std::string_view origin);

}  // namespace tally::merkle
