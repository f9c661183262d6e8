// SPDX-License-Identifier: Apache-2.0
#include "log/failed_sync.h"

#include "base/limits.h"
#include "log/rehash.h"

#include <algorithm>
#include <string>

namespace tally::log {
namespace {

Result<void> rewrite_range(storage::File& file, std::uint64_t begin, std::uint64_t end) {
  std::string block(kMiB, '\0');
  while (begin < end) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), end - begin));
    TALLY_TRY(const std::size_t n,
              file.read_at(begin, {reinterpret_cast<std::byte*>(block.data()), want}));
    if (n == 0) return fail(Errc::corrupt, "ends at byte " + std::to_string(begin));
    TALLY_TRY_VOID(file.write_at(begin, as_bytes(std::string_view(block).substr(0, n))));
    begin += n;
  }
  return file.sync();
}

}  // namespace

Result<void> rewrite_lines(storage::FileSystem& fs, const Layout& layout, const Head& head,
                           TreeSize from) {
  LinePosition at{head.segment, head.segment_bytes};
  if (from < head.size) {
    TALLY_TRY(at, locate_line(fs, layout, head, next_index(from)));
  }
  TALLY_TRY(const auto segments, list_segments(fs, layout));
  for (const LeafIndex first : segments) {
    if (first < at.segment || first > head.segment) continue;
    TALLY_TRY(auto file, fs.open(layout.segment(first), storage::OpenMode::write));
    TALLY_TRY(const auto info, file->info());
    const std::uint64_t end = first == head.segment ? head.segment_bytes : info.size;
    // Room that did not reach the device may read otherwise after the next start.
    if (info.size > end) TALLY_TRY_VOID(file->truncate(end));
    TALLY_TRY_VOID(with_context(rewrite_range(*file, first == at.segment ? at.offset : 0, end),
                                layout.segment(first)));
  }
  return fs.sync_directory(layout.segments());
}

Result<void> rewrite_head(storage::FileSystem& fs, const Layout& layout, const HeadKey& key,
                          const Head& head, std::size_t slot) {
  TALLY_TRY(auto file, fs.open(layout.head(), storage::OpenMode::write));
  TALLY_TRY_VOID(write_head_slot(*file, slot, head, key));
  TALLY_TRY_VOID(file->sync());
  TALLY_TRY_VOID(write_head_slot(*file, 1 - slot, head, key));
  return file->sync();
}

}  // namespace tally::log
