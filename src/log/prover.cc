// SPDX-License-Identifier: Apache-2.0
#include "log/prover.h"

#include "log/checkpoint_files.h"
#include "log/tree_files.h"
#include "merkle/proof.h"

#include <span>

namespace tally::log {
namespace {

/// The checkpoint over exactly `size` entries, from the latest or the kept ones.
Result<merkle::VerifiedCheckpoint> checkpoint_of(storage::FileSystem& fs, const Layout& layout,
                                                 const crypto::NoteVerifier& key, TreeSize size) {
  TALLY_TRY(auto latest, read_checkpoint(fs, layout, key));
  if (latest.size() == size) return latest;
  std::optional<merkle::VerifiedCheckpoint> found;
  std::optional<TreeSize> next;
  std::uint64_t tail = 0;
  TALLY_TRY_VOID(for_each_kept(
      fs, layout,
      [&](std::string_view note, std::uint64_t) {
        auto verified = merkle::verify_checkpoint(note, std::span(&key, 1), key.name());
        if (!verified) return true;  // verify reports it
        if (verified->size() == size) found = std::move(*verified);
        if (!found && verified->size() > size && !next) next = verified->size();
        return !found.has_value();
      },
      tail));
  if (found) return std::move(*found);
  if (!next && latest.size() > size) next = latest.size();
  return fail(Errc::not_found,
              "no checkpoint over " + std::to_string(size.value()) + " entries was kept; " +
                  (next ? "the next larger one is over " + std::to_string(next->value())
                        : "the latest is over " + std::to_string(latest.size().value())));
}

TreeReader tree_of(storage::FileSystem& fs, const Reader& reader) {
  return {fs, reader.layout(), crypto::digest_bytes(reader.info().hash)};
}

}  // namespace

Result<merkle::InclusionProofFile> prove_inclusion(storage::FileSystem& fs, Reader& reader,
                                                   const crypto::NoteVerifier& key, LeafIndex seq,
                                                   std::optional<TreeSize> size) {
  TALLY_TRY(const Head head, reader.head());
  TALLY_TRY(const auto checkpoint, size ? checkpoint_of(fs, reader.layout(), key, *size)
                                        : read_checkpoint(fs, reader.layout(), key));
  if (!contains(head.size, seq)) {
    return fail(Errc::not_found, "no entry " + std::to_string(seq.value()) + "; the log has " +
                                     std::to_string(head.size.value()));
  }
  if (!contains(checkpoint.size(), seq)) {
    return fail(Errc::not_found, "entry " + std::to_string(seq.value()) +
                                     " is not in the checkpoint over " +
                                     std::to_string(checkpoint.size().value()) +
                                     " entries; sign it first with tallystick checkpoint");
  }
  merkle::TreeHasher hasher(reader.info().hash);
  TreeReader tree = tree_of(fs, reader);
  TALLY_TRY(auto hashes, merkle::inclusion_proof(hasher, tree, seq, checkpoint.size()));
  TALLY_TRY(const std::string line, reader.line(head, seq));
  const auto verdict = merkle::verify_inclusion(hasher, seq, checkpoint.size(), hasher.leaf(line),
                                                hashes, checkpoint.root());
  if (!merkle::is_match(verdict)) {
    return fail(Errc::corrupt, "entry " + std::to_string(seq.value()) +
                                   ": line and tree do not lead to the signed root (" +
                                   merkle::describe(verdict) + "); run tallystick verify");
  }
  return merkle::InclusionProofFile{reader.info().hash, std::nullopt, seq, std::move(hashes),
                                    checkpoint.note()};
}

Result<merkle::ConsistencyProofFile> prove_consistency(storage::FileSystem& fs, Reader& reader,
                                                       const crypto::NoteVerifier& key,
                                                       TreeSize old, TreeSize now) {
  if (old > now)
    return fail(Errc::invalid_argument,
                "the older tree is larger than the newer one; swap the sizes");
  TALLY_TRY(const auto before, checkpoint_of(fs, reader.layout(), key, old));
  TALLY_TRY(const auto after, checkpoint_of(fs, reader.layout(), key, now));
  merkle::TreeHasher hasher(reader.info().hash);
  TreeReader tree = tree_of(fs, reader);
  TALLY_TRY(auto hashes, merkle::consistency_proof(hasher, tree, old, now));
  const auto verdict =
      merkle::verify_consistency(hasher, old, before.root(), now, after.root(), hashes);
  if (!merkle::is_match(verdict)) {
    return fail(Errc::corrupt, "the tree files do not lead from one signed root to the other (" +
                                   merkle::describe(verdict) + "); run tallystick verify");
  }
  return merkle::ConsistencyProofFile{reader.info().hash, old, before.root(), std::move(hashes),
                                      after.note()};
}

}  // namespace tally::log
