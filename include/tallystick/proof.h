// SPDX-License-Identifier: Apache-2.0
// Proofs for people who do not have the log: made beside it, checked with nothing but a key.
#pragma once

#include "tallystick/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tallystick {

struct ProveOptions {
  /// Size of the signed tree that the proof leads to: one that a kept checkpoint covers. Absent:
  /// the latest.
  std::optional<std::uint64_t> size{};
  /// Private folder of the log, for the key pinned there; as WriterOptions::keys.
  std::string keys{};
};

/// Proof that entry `seq` is in the log: a text in the c2sp.org/tlog-proof@v1 format
/// (tallystick/tlog-proof@v1 for another hash than sha256), with the checkpoint in it. Checked
/// against the entry's line before it is returned. Thread-safe. Errors: not_found when there is no
/// such entry, it is not signed yet (Writer::checkpoint()), or no checkpoint of that size was kept;
/// corrupt when the log does not give the proof; mismatch for a wrong signature.
[[nodiscard]] Result<std::string> prove_inclusion(const std::string& directory, std::uint64_t seq,
                                                  const ProveOptions& options = {});

/// Proof that the first `old_size` entries are unchanged in the tree of ProveOptions::size; both
/// sizes must be those of kept checkpoints, or of the latest. Errors as prove_inclusion();
/// invalid_argument when old_size is the larger one.
[[nodiscard]] Result<std::string> prove_consistency(const std::string& directory,
                                                    std::uint64_t old_size,
                                                    const ProveOptions& options = {});

/// What a proof showed.
struct Verdict {
  bool holds = false;
  std::string reason;  ///< why it does not hold, for people; empty when it does
  // What was shown; meaningful only when it holds.
  std::string origin;                     ///< the log's name
  std::optional<std::uint64_t> seq;       ///< inclusion: the entry's number
  std::optional<std::uint64_t> old_size;  ///< consistency: size of the tree you knew
  std::uint64_t size = 0;                 ///< size of the signed tree the proof leads to
  std::string checkpoint;                 ///< its signed note, to keep
};

/// Whether `proof` shows that the entry with this line (without line end) is in the log that signs
/// with `key` (vkey; get it from whom you trust, not with the proof). Needs no log. Thread-safe. A
/// wrong signature, line or path is a verdict; errors: malformed, too_large, unsupported for a text
/// that is no proof or a key that is none.
[[nodiscard]] Result<Verdict> check_inclusion(std::string_view proof, std::string_view line,
                                              std::string_view key);

/// Whether `proof` shows that the log only grew since `old_checkpoint`, the signed note you kept.
/// Errors as check_inclusion().
[[nodiscard]] Result<Verdict> check_consistency(std::string_view proof,
                                                std::string_view old_checkpoint,
                                                std::string_view key);

}  // namespace tallystick
