// SPDX-License-Identifier: Apache-2.0
// The parts of verification that look at single files: key, checkpoints, head, names and sizes.
#pragma once

#include "base/result.h"
#include "crypto/note_key.h"
#include "log/head.h"
#include "log/keyring.h"
#include "log/layout.h"
#include "log/log_info.h"
#include "log/verifier.h"
#include "log/verify_report.h"
#include "merkle/hash_types.h"
#include "storage/file_system.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace tally::log {

/// "At this size the root was": said by something whose signature or checksum was right.
struct RootPoint {
  ProblemKind kind;  ///< reported when it does not hold
  std::string name;
  std::uint64_t size;
  merkle::RootHash root;
};

struct KnownKey {
  crypto::NoteVerifier verifier;
  Trust trust;
  std::optional<HeadKey> head;
};

/// The key to trust, and problems with LOG/key.pub. Errors: malformed when there is no key at all.
[[nodiscard]] Result<KnownKey> choose_key(storage::FileSystem& fs, const Layout& layout,
                                          const LogInfo& info, const VerifyOptions& options,
                                          const Environment& environment, ProblemList& problems);

/// Latest, kept and outside checkpoints: signatures here, roots as points. Sets signed size and
/// counts.
[[nodiscard]] Result<void> collect_checkpoints(storage::FileSystem& fs, const Layout& layout,
                                               const crypto::NoteVerifier& key,
                                               const VerifyOptions& options, ProblemList& problems,
                                               VerifyReport& report,
                                               std::vector<RootPoint>& points);

/// The newer slot; nullopt (and a problem) when none is valid. The older one gives a point.
[[nodiscard]] std::optional<Head> read_head(storage::FileSystem& fs, const Layout& layout,
                                            const std::optional<HeadKey>& key,
                                            ProblemList& problems, VerifyReport& report,
                                            std::vector<RootPoint>& points);

/// Names that do not belong to a log, lengths of tree files and of the last segment.
void check_file_names(storage::FileSystem& fs, const Layout& layout, const Head& head,
                      std::size_t digest_bytes, ProblemList& problems, VerifyReport& report);

}  // namespace tally::log
