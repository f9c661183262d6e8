// SPDX-License-Identifier: Apache-2.0
// The line feeds behind the committed bytes of the open segment: room that later commits overwrite
// (docs/format/log.md, "segments/"; decision 0021).
#pragma once

#include "base/limits.h"
#include "base/result.h"
#include "storage/file_system.h"

#include <cstddef>
#include <cstdint>

namespace tally::log {

/// A line feed, so that a reader of lines sees empty ones at most, and no line begins with it.
inline constexpr char kPadding = '\n';
/// How much room a commit leaves behind its lines when it makes the segment longer: as much as
/// `kRoomCommits` commits of its size need, between these, written in one go.
inline constexpr std::uint64_t kRoomCommits = 16;
inline constexpr std::size_t kRoomBytes = 64 * kKiB;
inline constexpr std::size_t kRoomBytesMax = 512 * kKiB;
/// Larger commits leave none: writing their bytes twice takes as long as what it saves.
inline constexpr std::uint64_t kRoomCommitBytesMax = 64 * kKiB;
/// Commits that a process makes before it leaves room: one that appends a line and ends need not.
inline constexpr std::uint64_t kRoomAfterCommits = 8;

/// Where the content of `file` behind `from` ends: `from` when nothing but padding follows, else
/// behind the last byte that is none and the line feed that ends its line, if it has one. Reads up
/// to the end of the file.
[[nodiscard]] Result<std::uint64_t> content_end(storage::File& file, std::uint64_t from);

/// Whether padding, or the end of the file, stands at `offset`. Whoever wrote lines there and did
/// not commit them began with another byte.
[[nodiscard]] Result<bool> is_padding_at(storage::File& file, std::uint64_t offset);

}  // namespace tally::log
