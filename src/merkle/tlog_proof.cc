// SPDX-License-Identifier: Apache-2.0
#include "merkle/tlog_proof.h"

#include "base/limits.h"
#include "merkle/text_lines.h"

#include <utility>

namespace tally::merkle {
namespace {

constexpr std::string_view kC2spHeader = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kInclusionHeader = "tallystick/tlog-proof@v1";
constexpr std::string_view kConsistencyHeader = "tallystick/consistency-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";
constexpr std::string_view kOld = "old ";

/// First line for this algorithm: `sha256_header` alone, or `other_header` and the name.
std::string header_line(std::string_view sha256_header, std::string_view other_header,
                        crypto::HashAlgorithm algorithm) {
  if (algorithm == crypto::HashAlgorithm::sha256) return std::string(sha256_header) + '\n';
  return std::string(other_header) + ' ' + std::string(crypto::hash_name(algorithm)) + '\n';
}

Result<crypto::HashAlgorithm> parse_header(std::string_view line, std::string_view sha256_header,
                                           std::string_view other_header) {
  if (line == sha256_header) return crypto::HashAlgorithm::sha256;
  const auto rest = after_prefix(line, other_header);
  if (!rest || !rest->starts_with(' ')) {
    return fail(Errc::malformed, "proof: first line must be " + std::string(sha256_header));
  }
  TALLY_TRY(const crypto::HashAlgorithm algorithm, crypto::parse_hash_name(rest->substr(1)));
  if (algorithm == crypto::HashAlgorithm::sha256) {
    return fail(Errc::malformed, "proof: sha256 must not be named in the first line");
  }
  return algorithm;
}

std::string format_tail(const std::vector<NodeHash>& hashes, const std::string& checkpoint_note) {
  std::string out;
  for (const NodeHash& hash : hashes) out += hash.to_base64() + '\n';
  return out + '\n' + checkpoint_note;
}

Result<std::string_view> need_line(std::string_view& rest) {
  const auto line = take_line(rest);
  if (!line) return fail(Errc::malformed, "proof: ends before the empty line and the checkpoint");
  return *line;
}

/// Hash lines up to the empty line, which is taken too.
Result<std::vector<NodeHash>> parse_hashes(std::string_view& rest,
                                           crypto::HashAlgorithm algorithm) {
  std::vector<NodeHash> hashes;
  for (;;) {
    TALLY_TRY(const std::string_view line, need_line(rest));
    if (line.empty()) return hashes;
    if (hashes.size() == kProofHashesMax) {
      return fail(Errc::too_large,
                  "proof: more than " + std::to_string(kProofHashesMax) + " hashes");
    }
    const auto hash = NodeHash::from_base64(line, crypto::digest_bytes(algorithm));
    if (!hash) {
      return fail(Errc::malformed, "proof: hash line " + std::to_string(hashes.size() + 1) +
                                       " is not canonical base64 of a " +
                                       std::string(crypto::hash_name(algorithm)) + " hash");
    }
    hashes.push_back(*hash);
  }
}

/// The rest of the file must be a signed checkpoint of a tree with the proof's algorithm.
Result<std::string> parse_checkpoint_note(std::string_view rest, crypto::HashAlgorithm algorithm) {
  TALLY_TRY(const Checkpoint checkpoint, read_unverified_checkpoint(rest));
  if (checkpoint.algorithm != algorithm) {
    return fail(Errc::malformed, "proof: the checkpoint is of a tree with another hash algorithm");
  }
  return std::string(rest);
}

Result<void> check_file_size(std::string_view bytes) {
  if (bytes.size() <= kProofFileBytesMax) return {};
  return fail(Errc::too_large, "proof: more than " + std::to_string(kProofFileBytesMax) + " bytes");
}

Result<VerifiedCheckpoint> verify_note_of_proof(const std::string& note,
                                                crypto::HashAlgorithm algorithm,
                                                std::span<const crypto::NoteVerifier> known,
                                                std::string_view origin) {
  TALLY_TRY(VerifiedCheckpoint checkpoint, verify_checkpoint(note, known, origin));
  if (checkpoint.checkpoint().algorithm != algorithm) {
    return fail(Errc::mismatch, "proof: the checkpoint is of a tree with another hash algorithm");
  }
  return checkpoint;
}

}  // namespace

std::string format_inclusion_proof(const InclusionProofFile& proof) {
  std::string out = header_line(kC2spHeader, kInclusionHeader, proof.algorithm);
  if (proof.extra && !proof.extra->empty()) {
    out += kExtra;
    out += to_base64(as_bytes(*proof.extra)) + '\n';
  }
  out += kIndex;
  out += std::to_string(proof.index.value()) + '\n';
  return out + format_tail(proof.hashes, proof.checkpoint_note);
}

std::string format_consistency_proof(const ConsistencyProofFile& proof) {
  std::string out = header_line(kConsistencyHeader, kConsistencyHeader, proof.algorithm);
  out += kOld;
  out += std::to_string(proof.old_size.value()) + ' ' + proof.old_root.to_base64() + '\n';
  return out + format_tail(proof.hashes, proof.checkpoint_note);
}

Result<InclusionProofFile> parse_inclusion_proof(std::string_view bytes) {
  TALLY_TRY_VOID(check_file_size(bytes));
  TALLY_TRY(std::string_view line, need_line(bytes));
  TALLY_TRY(const auto algorithm, parse_header(line, kC2spHeader, kInclusionHeader));
  TALLY_TRY(line, need_line(bytes));
  std::optional<std::string> extra;
  if (const auto text = after_prefix(line, kExtra)) {
    extra = from_base64(*text);
    if (!extra || extra->empty()) {
      return fail(Errc::malformed, "proof: extra is not canonical base64 of at least one byte");
    }
    TALLY_TRY(line, need_line(bytes));
  }
  const auto number = after_prefix(line, kIndex);
  const auto index = number ? parse_decimal(*number) : std::nullopt;
  if (!index) return fail(Errc::malformed, "proof: needs a line `index` and a decimal number");
  TALLY_TRY(std::vector<NodeHash> hashes, parse_hashes(bytes, algorithm));
  TALLY_TRY(std::string note, parse_checkpoint_note(bytes, algorithm));
  return InclusionProofFile{algorithm, std::move(extra), LeafIndex{*index}, std::move(hashes),
                            std::move(note)};
}

Result<ConsistencyProofFile> parse_consistency_proof(std::string_view bytes) {
  TALLY_TRY_VOID(check_file_size(bytes));
  TALLY_TRY(std::string_view line, need_line(bytes));
  TALLY_TRY(const auto algorithm, parse_header(line, kConsistencyHeader, kConsistencyHeader));
  TALLY_TRY(line, need_line(bytes));
  const auto old = after_prefix(line, kOld).value_or("");
  const std::size_t space = old.find(' ');
  if (space == std::string_view::npos) {
    return fail(Errc::malformed, "proof: needs a line `old`, a size and a root");
  }
  const auto old_size = parse_decimal(old.substr(0, space));
  const auto old_root =
      RootHash::from_base64(old.substr(space + 1), crypto::digest_bytes(algorithm));
  if (!old_size || !old_root) {
    return fail(Errc::malformed, "proof: old size or root is not in canonical form");
  }
  TALLY_TRY(std::vector<NodeHash> hashes, parse_hashes(bytes, algorithm));
  TALLY_TRY(std::string note, parse_checkpoint_note(bytes, algorithm));
  return ConsistencyProofFile{algorithm, TreeSize{*old_size}, *old_root, std::move(hashes),
                              std::move(note)};
}

bool is_consistency_proof(std::string_view bytes) {
  return take_line(bytes).value_or("").starts_with(kConsistencyHeader);
}

Result<ProofCheck> check_inclusion(const InclusionProofFile& proof, const LeafHash& leaf,
                                   std::span<const crypto::NoteVerifier> known,
                                   std::string_view origin) {
  TALLY_TRY(VerifiedCheckpoint checkpoint,
            verify_note_of_proof(proof.checkpoint_note, proof.algorithm, known, origin));
  TreeHasher hasher(proof.algorithm);
  Verdict verdict = verify_inclusion(hasher, proof.index, checkpoint.size(), leaf, proof.hashes,
                                     checkpoint.root());
  return ProofCheck{std::move(checkpoint), std::move(verdict)};
}

Result<ProofCheck> check_consistency(const ConsistencyProofFile& proof, const KnownTree& known_tree,
                                     std::span<const crypto::NoteVerifier> known,
                                     std::string_view origin) {
  TALLY_TRY(VerifiedCheckpoint checkpoint,
            verify_note_of_proof(proof.checkpoint_note, proof.algorithm, known, origin));
  if (proof.old_size != known_tree.size) {
    return ProofCheck{std::move(checkpoint), ProofMalformed{"the proof is about another old size"}};
  }
  if (proof.old_root != known_tree.root) {
    return ProofCheck{std::move(checkpoint), RootMismatch{known_tree.root, proof.old_root}};
  }
  TreeHasher hasher(proof.algorithm);
  Verdict verdict = verify_consistency(hasher, proof.old_size, proof.old_root, checkpoint.size(),
                                       checkpoint.root(), proof.hashes);
  return ProofCheck{std::move(checkpoint), std::move(verdict)};
}

}  // namespace tally::merkle
