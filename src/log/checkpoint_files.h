// SPDX-License-Identifier: Apache-2.0
// The latest checkpoint (LOG/checkpoint) and the kept ones (LOG/checkpoints), as files.
#pragma once

#include "base/result.h"
#include "crypto/note_key.h"
#include "log/layout.h"
#include "merkle/checkpoint.h"
#include "storage/file_system.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tally::log {

/// Durable replacement of LOG/checkpoint.
[[nodiscard]] Result<void> write_checkpoint(storage::FileSystem& fs, const Layout& layout,
                                            const std::string& note);

/// LOG/checkpoint, its signature checked. Errors: not_found, mismatch, malformed.
[[nodiscard]] Result<merkle::VerifiedCheckpoint> read_checkpoint(storage::FileSystem& fs,
                                                                 const Layout& layout,
                                                                 const crypto::NoteVerifier& key);

/// The newest checkpoint that this log signed, from either file: after a crash between the two
/// writes the kept one can be newer. An incomplete last record of LOG/checkpoints is passed over.
[[nodiscard]] Result<merkle::VerifiedCheckpoint> last_signed(storage::FileSystem& fs,
                                                             const Layout& layout,
                                                             const crypto::NoteVerifier& key);

/// Appends a note and two empty lines to LOG/checkpoints, durable, unless it is the last one there
/// already; an incomplete last record left by a crash is cut first. Publisher lock held.
[[nodiscard]] Result<void> keep_checkpoint(storage::FileSystem& fs, const Layout& layout,
                                           const std::string& note);

/// The last complete record; nullopt when there is none.
[[nodiscard]] Result<std::optional<std::string>> last_kept(storage::FileSystem& fs,
                                                           const Layout& layout);

/// Gives each kept note in order with the byte offset of its record; stops when the visitor says
/// false. Errors: corrupt for bytes that are no record (with their offset); `incomplete_tail` gets
/// the number of bytes of an unfinished last record.
[[nodiscard]] Result<void> for_each_kept(
    storage::FileSystem& fs, const Layout& layout,
    const std::function<bool(std::string_view note, std::uint64_t offset)>& visit,
    std::uint64_t& incomplete_tail);

}  // namespace tally::log
