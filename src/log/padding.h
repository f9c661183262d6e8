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

/// Where the content of `file` behind `from` ends: `from` when nothing but padding follows, else
/// behind the last byte that is none and the line feed that ends its line, if it has one. Reads up
/// to the end of the file.
[[nodiscard]] Result<std::uint64_t> content_end(storage::File& file, std::uint64_t from);

/// Whether padding, or the end of the file, stands at `offset`. Whoever wrote lines there and did
/// not commit them began with another byte.
[[nodiscard]] Result<bool> is_padding_at(storage::File& file, std::uint64_t offset);

}  // namespace tally::log
