// SPDX-License-Identifier: Apache-2.0
// Reading lines of one segment: forwards, backwards, and finding a number by bisection over bytes.
// Trusts nothing: what it finds is checked by whoever needs it checked.
#pragma once

#include "base/ordinal.h"
#include "base/result.h"
#include "storage/file_system.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::log {

/// Gets a line without its LF and the offset of its first byte; false stops the reading.
using LineVisitor = std::function<bool(std::string_view line, std::uint64_t offset)>;

/// Lines in [begin, end), forwards. A last line without LF is Errc::corrupt: committed bytes end
/// with LF. Memory: one block and the longest line, at most kEntryBytesMax plus a block; a longer
/// run without LF is Errc::corrupt.
Result<void> read_lines(storage::File& file, std::uint64_t begin, std::uint64_t end,
                        const LineVisitor& visit);

/// The same, last line first. `end` must be the end of a line.
Result<void> read_lines_backward(storage::File& file, std::uint64_t begin, std::uint64_t end,
                                 const LineVisitor& visit);

/// Offset of the line that starts with this seq, among the first `bytes` bytes of a segment;
/// not_found when the numbers there do not contain it.
Result<std::uint64_t> find_seq(storage::File& file, std::uint64_t bytes, LeafIndex seq);

/// The line that starts at `offset`, without LF.
Result<std::string> read_line_at(storage::File& file, std::uint64_t offset, std::uint64_t end);

}  // namespace tally::log
