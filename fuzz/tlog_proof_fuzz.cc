// SPDX-License-Identifier: Apache-2.0
// Proof files have one spelling, and checking any of them ends: indexes, sizes and hashes are the
// attacker's.
#include "base/check.h"
#include "merkle/tlog_proof.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using namespace tally;

void check_path(const merkle::InclusionProofFile& proof) {
  const auto checkpoint = merkle::read_unverified_checkpoint(proof.checkpoint_note);
  TALLY_CHECK(checkpoint.has_value() && checkpoint->algorithm == proof.algorithm);
  merkle::TreeHasher hasher(proof.algorithm);
  const merkle::LeafHash leaf = hasher.leaf("entry");
  const auto verdict = merkle::verify_inclusion(hasher, proof.index, checkpoint->size, leaf,
                                                proof.hashes, checkpoint->root);
  const bool fits =
      contains(checkpoint->size, proof.index) &&
      merkle::inclusion_nodes(proof.index, checkpoint->size).size() == proof.hashes.size();
  TALLY_CHECK(fits != std::holds_alternative<merkle::ProofMalformed>(verdict));
}

void check_path(const merkle::ConsistencyProofFile& proof) {
  const auto checkpoint = merkle::read_unverified_checkpoint(proof.checkpoint_note);
  TALLY_CHECK(checkpoint.has_value() && checkpoint->algorithm == proof.algorithm);
  merkle::TreeHasher hasher(proof.algorithm);
  const auto verdict = merkle::verify_consistency(hasher, proof.old_size, proof.old_root,
                                                  checkpoint->size, checkpoint->root, proof.hashes);
  const bool fits =
      proof.old_size <= checkpoint->size &&
      merkle::consistency_nodes(proof.old_size, checkpoint->size).size() == proof.hashes.size();
  TALLY_CHECK(fits != std::holds_alternative<merkle::ProofMalformed>(verdict));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto proof = merkle::parse_inclusion_proof(text)) {
    TALLY_CHECK(merkle::format_inclusion_proof(*proof) == text);
    TALLY_CHECK(!merkle::is_consistency_proof(text));
    check_path(*proof);
  }
  if (const auto proof = merkle::parse_consistency_proof(text)) {
    TALLY_CHECK(merkle::format_consistency_proof(*proof) == text);
    TALLY_CHECK(merkle::is_consistency_proof(text));
    check_path(*proof);
  }
  return 0;
}
