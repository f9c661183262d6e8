// SPDX-License-Identifier: Apache-2.0
// Verifies the log of a running server without believing it: every entry is fetched, hashed and
// compared with a signed checkpoint (c2sp.org/tlog-tiles).
#pragma once

#include "base/result.h"
#include "crypto/note_key.h"
#include "log/verifier.h"
#include "remote/client.h"
#include "remote/span_check.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tally::remote {

/// Path of tile N below its level, as tlog-tiles has it: 1234067 is "x001/x234/067".
[[nodiscard]] std::string tile_path(std::uint64_t index);

/// The entries in a tlog-tiles entry bundle, each with its length before it. Errors: malformed
/// when there are not exactly `count`.
[[nodiscard]] Result<std::vector<std::string_view>> split_bundle(std::string_view bundle,
                                                                 std::size_t count);

/// Checks what the server has signed: all entries up to its latest checkpoint, their numbers, its
/// root and signature by `key`, and that checkpoints kept elsewhere are of the same tree. What is
/// wrong is in the report; what is not signed yet is not looked at. `progress` counts entries.
/// Memory does not depend on the size of the log. With `span` only these entries are fetched, and
/// the hashes that lead from them to the signed root. Errors: as check_span(); unsupported for a
/// log with another hash than SHA-256, which has no tiles.
[[nodiscard]] Result<log::VerifyReport> check_log(
    Client& client, const crypto::NoteVerifier& key,
    const std::vector<log::OutsideCheckpoint>& against, const log::VerifyProgress& progress,
    const std::optional<NamedSpan>& span = std::nullopt);

}  // namespace tally::remote
