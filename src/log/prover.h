// SPDX-License-Identifier: Apache-2.0
// Proofs about a log for people who do not have it: one entry's inclusion, one tree's extension of
// another.
#pragma once

#include "base/result.h"
#include "crypto/note_key.h"
#include "log/reader.h"
#include "merkle/tlog_proof.h"
#include "storage/file_system.h"

#include <optional>
#include <string>

namespace tally::log {

/// Proof that entry `seq` is in a signed tree: the one of `size` if given (a kept checkpoint), else
/// the latest. The proof is checked against the entry's line before it is given out. Errors:
/// not_found when the entry is not yet signed or no checkpoint of that size was kept (names the
/// nearest), corrupt when the log does not give the proof.
[[nodiscard]] Result<merkle::InclusionProofFile> prove_inclusion(storage::FileSystem& fs,
                                                                 Reader& reader,
                                                                 const crypto::NoteVerifier& key,
                                                                 LeafIndex seq,
                                                                 std::optional<TreeSize> size);

/// Proof that the tree of `now` entries extends the one of `old`; both sizes of kept or latest
/// checkpoints.
[[nodiscard]] Result<merkle::ConsistencyProofFile> prove_consistency(
    storage::FileSystem& fs, Reader& reader, const crypto::NoteVerifier& key, TreeSize old,
    TreeSize now);

}  // namespace tally::log
