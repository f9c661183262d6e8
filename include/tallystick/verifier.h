// SPDX-License-Identifier: Apache-2.0
// Checking a whole log: every line, every hash of the tree, the commit mark, every checkpoint and
// signature.
#pragma once

#include "tallystick/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tallystick {

/// A checkpoint that was kept outside the log.
struct OutsideCheckpoint {
  std::string name;  ///< for messages: a file name, say
  std::string note;  ///< the signed note, byte for byte
};

struct VerifyOptions {
  /// Verifier key to trust (a vkey line, without line end). Empty: the one pinned in the private
  /// folder; where there is none, the log's own, which proves less: see VerifyReport::trust.
  std::string key{};
  /// Private folder of the log; as WriterOptions::keys.
  std::string keys{};
  /// Without one of these, an older copy of the whole log put back is not found, nor one rewritten
  /// by who has its key.
  std::vector<OutsideCheckpoint> against{};
  unsigned threads = 0;  ///< 0: one for each core
  /// Called now and then, on one thread at a time, with bytes checked and bytes in all.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress{};
};

struct Problem {
  /// Stable: entry-altered, entry-missing, entry-order, tree, head, root, checkpoint,
  /// outside-checkpoint, key, file.
  std::string kind;
  std::optional<std::uint64_t> seq;  ///< first entry concerned
  std::optional<std::uint64_t> end;  ///< one behind the last, for ranges
  std::string detail;                ///< one line for people
};

/// Where the key that signatures were checked with came from.
enum class Trust {
  given,   ///< VerifyOptions::key
  pinned,  ///< the private folder
  self,    ///< the log itself: shows that the log is consistent, not whose it is
};

struct VerifyReport {
  std::vector<Problem> problems;        ///< by entry; at most 10,000
  std::uint64_t problems_left_out = 0;  ///< beyond those
  std::uint64_t size = 0;               ///< committed entries
  std::uint64_t signed_size = 0;        ///< of them covered by a checkpoint
  std::uint64_t unprotected = 0;        ///< at the end: not signed, and the head key was not here
  std::uint64_t bytes = 0;              ///< of lines, with their line ends
  std::string root;                     ///< base64 of the committed root
  std::string origin;                   ///< the log's name
  std::string key;                      ///< verifier key that was trusted
  Trust trust = Trust::self;
  bool head_authenticated =
      false;  ///< the entries behind the last checkpoint were checked with the log's key
  std::uint64_t checkpoints_checked = 0;
  std::uint64_t outside_checked = 0;
  std::vector<std::string> notes;  ///< said, not failures: entries not signed yet, ...
  [[nodiscard]] bool ok() const { return problems.empty(); }
};

/// Checks the log in `directory`. Changes nothing, takes no lock, uses all cores. Blocks;
/// thread-safe. What is wrong with the log is in the report. Errors, when it could not be checked
/// at all: not_found, unsupported for a newer format, permission_denied, io; invalid_argument or
/// malformed for the key in `options`.
[[nodiscard]] Result<VerifyReport> verify(const std::string& directory,
                                          const VerifyOptions& options = {});

}  // namespace tallystick
