// SPDX-License-Identifier: Apache-2.0
#include "log/rehash.h"

#include "log/entry.h"
#include "log/segment_reader.h"

#include <algorithm>

namespace tally::log {
namespace {

std::string entry_name(LeafIndex seq) { return "entry " + std::to_string(seq.value()); }

/// Committed bytes of one segment.
Result<std::uint64_t> committed_bytes(const Head& head, LeafIndex segment, storage::File& file) {
  if (segment == head.segment) return head.segment_bytes;
  TALLY_TRY(const auto info, file.info());
  return info.size;
}

/// Index into `segments` of the one that holds `seq`.
Result<std::size_t> segment_of(const std::vector<LeafIndex>& segments, LeafIndex seq) {
  const auto after = std::ranges::upper_bound(segments, seq);
  if (after == segments.begin()) {
    return fail(Errc::corrupt, entry_name(seq) + ": no segment holds it");
  }
  return static_cast<std::size_t>(after - segments.begin()) - 1;
}

}  // namespace

Result<LinePosition> locate_line(storage::FileSystem& fs, const Layout& layout, const Head& head,
                                 LeafIndex seq) {
  TALLY_TRY(const auto segments, list_segments(fs, layout));
  return locate_line(fs, layout, head, segments, seq);
}

Result<LinePosition> locate_line(storage::FileSystem& fs, const Layout& layout, const Head& head,
                                 const std::vector<LeafIndex>& segments, LeafIndex seq) {
  TALLY_TRY(const std::size_t index, segment_of(segments, seq));
  const LeafIndex first = segments[index];
  if (first == seq) return LinePosition{first, 0};
  TALLY_TRY(auto file, fs.open(layout.segment(first), storage::OpenMode::read));
  TALLY_TRY(const std::uint64_t bytes, committed_bytes(head, first, *file));
  auto offset = find_seq(*file, bytes, seq);
  if (!offset && offset.error().code == Errc::not_found) {
    return fail(Errc::corrupt, layout.segment(first) + ": " + entry_name(seq) +
                                   " is missing; it should be in this "
                                   "segment or one that is missing");
  }
  TALLY_TRY(const std::uint64_t found, with_context(std::move(offset), layout.segment(first)));
  return LinePosition{first, found};
}

Result<void> rehash_lines(storage::FileSystem& fs, const Layout& layout, const Head& head,
                          merkle::TreeHasher& hasher, merkle::CompactRange& range,
                          const RehashVisitor& visitor) {
  if (range.end() >= head.size) return {};
  TALLY_TRY(auto segments, list_segments(fs, layout));
  // What begins behind the head's segment was never committed.
  std::erase_if(segments, [&](LeafIndex first) { return first > head.segment; });
  TALLY_TRY(LinePosition at, locate_line(fs, layout, head, segments, next_index(range.end())));
  TALLY_TRY(std::size_t index, segment_of(segments, at.segment));
  for (;;) {
    const LeafIndex first = segments[index];
    TALLY_TRY(auto file, fs.open(layout.segment(first), storage::OpenMode::read));
    TALLY_TRY(const std::uint64_t bytes, committed_bytes(head, first, *file));
    std::string problem;
    auto read = read_lines(*file, at.offset, bytes, [&](std::string_view line, std::uint64_t) {
      const LeafIndex expected = next_index(range.end());
      const auto found = seq_of_line(line);
      if (!found || *found != expected || !contains(head.size, expected)) {
        problem = entry_name(expected) + ": the line in its place has " +
                  (found ? "number " + std::to_string(found->value()) : std::string("no number"));
        return false;
      }
      const merkle::LeafHash leaf = hasher.leaf(line);
      visitor.leaf(leaf);
      range.append(hasher, merkle::as_node(leaf), visitor.node);
      return true;
    });
    if (!read) {
      return fail(read.error().code, layout.segment(first) + ": " +
                                         entry_name(next_index(range.end())) + ": " +
                                         read.error().detail);
    }
    if (!problem.empty()) return fail(Errc::corrupt, layout.segment(first) + ": " + problem);
    if (range.end() == head.size) return {};
    if (++index == segments.size() || segments[index] != next_index(range.end())) {
      return fail(Errc::corrupt,
                  layout.segment(first) + ": " + entry_name(next_index(range.end())) +
                      " is missing; committed are " + std::to_string(head.size.value()));
    }
    at.offset = 0;
  }
}

RehashVisitor TreeComparison::visitor() {
  return {[this](const merkle::LeafHash& leaf) { batch_.add_leaf(leaf); },
          [this](unsigned height, std::uint64_t, const merkle::NodeHash& hash) {
            batch_.add(height, hash);
          }};
}

std::string TreeComparison::difference(TreeSize from) {
  unsigned level = 0;
  for (const std::string& computed : batch_.levels()) {
    if (!computed.empty()) {
      const std::uint64_t first = merkle::hashes_at_level(level, from);
      const auto stored = reader_.read_bytes(level, first, computed.size() / digest_bytes_);
      if (!stored) return stored.error().detail;
      if (*stored != computed) {
        const auto at = std::ranges::mismatch(*stored, computed).in1 - stored->begin();
        return "tree/" + std::to_string(level) + ": hash " +
               std::to_string(first + static_cast<std::uint64_t>(at) / digest_bytes_) +
               " differs from the recomputed one";
      }
    }
    ++level;
  }
  return {};
}

}  // namespace tally::log
