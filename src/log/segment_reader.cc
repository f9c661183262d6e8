// SPDX-License-Identifier: Apache-2.0
#include "log/segment_reader.h"

#include "base/limits.h"
#include "log/entry.h"

#include <algorithm>
#include <cstring>
#include <memory>

namespace tally::log {
namespace {

constexpr std::size_t kBlockBytes = 256 * kKiB;

Result<std::size_t> read_block(storage::File& file, std::uint64_t offset, char* out,
                               std::size_t bytes) {
  return file.read_at(offset, {reinterpret_cast<std::byte*>(out), bytes});
}

Error line_too_long(std::uint64_t offset) {
  return {Errc::corrupt, "no end of line within " + std::to_string(kEntryBytesMax) +
                             " bytes from byte " + std::to_string(offset)};
}

/// Offset of the first line that starts at or after `offset`: `offset` itself when a line starts
/// there.
Result<std::uint64_t> next_line_start(storage::File& file, std::uint64_t offset,
                                      std::uint64_t end) {
  if (offset == 0) return offset;
  std::string block(4 * kKiB, '\0');
  std::uint64_t at = offset - 1;  // a line starts at `offset` if an LF stands just before it
  while (at < end) {
    const auto want = std::min<std::uint64_t>(block.size(), end - at);
    TALLY_TRY(const std::size_t n, read_block(file, at, block.data(), want));
    if (n == 0) break;
    if (const auto* lf = static_cast<const char*>(std::memchr(block.data(), '\n', n))) {
      return at + static_cast<std::uint64_t>(lf - block.data()) + 1;
    }
    at += n;
  }
  return end;
}

/// Position of the last LF, or npos. Not rfind(), which looks at one byte after the other.
std::size_t last_line_feed(std::string_view text) {
  if (text.empty()) return std::string_view::npos;
  const auto* lf = static_cast<const char*>(::memrchr(text.data(), '\n', text.size()));
  return lf == nullptr ? std::string_view::npos : static_cast<std::size_t>(lf - text.data());
}

}  // namespace

Result<void> read_lines(storage::File& file, std::uint64_t begin, std::uint64_t end,
                        const LineVisitor& visit) {
  // A string would fill with zeros what is read over at once.
  const std::size_t room = kBlockBytes + kEntryBytesMax + 1;
  const auto buffer = std::make_unique_for_overwrite<char[]>(room);
  char* const text = buffer.get();
  std::size_t kept = 0;             // bytes of a line that has not ended yet
  std::uint64_t buffer_at = begin;  // file offset of text[0]
  std::uint64_t at = begin;
  while (at < end) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(kBlockBytes, end - at));
    TALLY_TRY(const std::size_t n, read_block(file, at, text + kept, want));
    at += n;
    const std::string_view got(text, kept + n);
    std::size_t line = 0;
    for (std::size_t stop = got.find('\n', kept); stop != std::string_view::npos;
         stop = got.find('\n', line)) {
      if (stop - line > kEntryBytesMax) return tl::unexpected(line_too_long(buffer_at + line));
      if (!visit(got.substr(line, stop - line), buffer_at + line)) return {};
      line = stop + 1;
    }
    kept = got.size() - line;
    buffer_at += line;
    if (kept > kEntryBytesMax) return tl::unexpected(line_too_long(buffer_at));
    std::memmove(text, text + line, kept);
    if (n < want) {
      return fail(Errc::corrupt,
                  "ends at byte " + std::to_string(at) + ", committed are " + std::to_string(end));
    }
  }
  if (kept != 0) {
    return fail(Errc::corrupt, "the line at byte " + std::to_string(buffer_at) + " has no end");
  }
  return {};
}

Result<void> read_lines_backward(storage::File& file, std::uint64_t begin, std::uint64_t end,
                                 const LineVisitor& visit) {
  std::string tail;  // bytes [at, at + tail.size()) not given out yet; ends with LF
  std::uint64_t at = end;
  while (at > begin || !tail.empty()) {
    // Give out every line of which the start is known.
    while (tail.size() > 1) {
      const std::size_t lf = last_line_feed(std::string_view(tail).substr(0, tail.size() - 1));
      const bool starts_here = lf == std::string::npos && at == begin;
      if (lf == std::string::npos && !starts_here) break;
      const std::size_t start = starts_here ? 0 : lf + 1;
      const std::string_view line = std::string_view(tail).substr(start, tail.size() - 1 - start);
      if (line.size() > kEntryBytesMax) return tl::unexpected(line_too_long(at + start));
      if (!visit(line, at + start)) return {};
      tail.resize(start);
    }
    if (at == begin) {
      if (!tail.empty() && !visit(std::string_view(), at)) return {};  // an empty first line
      return {};
    }
    if (tail.size() > kEntryBytesMax + 1) return tl::unexpected(line_too_long(at));
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(kBlockBytes, at - begin));
    std::string block(want, '\0');
    TALLY_TRY(const std::size_t n, read_block(file, at - want, block.data(), want));
    if (n < want) return fail(Errc::corrupt, "ends before byte " + std::to_string(at));
    if (at == end && block.back() != '\n') {
      return fail(Errc::corrupt, "the last line has no end at byte " + std::to_string(end));
    }
    at -= want;
    tail.insert(0, block);
  }
  return {};
}

Result<std::string> read_line_at(storage::File& file, std::uint64_t offset, std::uint64_t end) {
  const std::uint64_t start = offset;
  std::string line;
  std::string block(4 * kKiB, '\0');
  while (offset < end && line.size() <= kEntryBytesMax) {
    const auto want = std::min<std::uint64_t>(block.size(), end - offset);
    TALLY_TRY(const std::size_t n, read_block(file, offset, block.data(), want));
    if (n == 0) break;
    const auto* lf = static_cast<const char*>(std::memchr(block.data(), '\n', n));
    line.append(block, 0, lf == nullptr ? n : static_cast<std::size_t>(lf - block.data()));
    if (lf != nullptr && line.size() <= kEntryBytesMax) return line;
    offset += n;
  }
  return fail(Errc::corrupt, "the line at byte " + std::to_string(start) + " has no end");
}

Result<std::uint64_t> find_seq(storage::File& file, std::uint64_t bytes, LeafIndex seq) {
  // Invariant: lines that start before `low` have smaller numbers, lines that start at or after
  // `high` do not.
  std::uint64_t low = 0;
  std::uint64_t high = bytes;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    TALLY_TRY(const std::uint64_t start, next_line_start(file, middle, high));
    if (start >= high) {  // no line starts in [middle, high)
      high = middle;
      continue;
    }
    TALLY_TRY(const std::string line, read_line_at(file, start, bytes));
    const auto found = seq_of_line(line);
    if (!found)
      return fail(Errc::corrupt, "the line at byte " + std::to_string(start) + " has no number");
    if (*found == seq) return start;
    if (*found < seq) {
      low = start + line.size() + 1;
    } else {
      high = middle;
    }
  }
  return fail(Errc::not_found, "no entry " + std::to_string(seq.value()));
}

}  // namespace tally::log
