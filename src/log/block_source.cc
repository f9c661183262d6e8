// SPDX-License-Identifier: Apache-2.0
#include "log/block_source.h"

#include "base/limits.h"

#include <algorithm>

namespace tally::log {
namespace {

/// Large enough that starting a read and joining a range cost nothing, small enough for the cache.
constexpr std::size_t kBlockBytes = 1 * kMiB;

}  // namespace

BlockSource::BlockSource(storage::FileSystem& fs, const Layout& layout, const Head& head,
                         std::vector<LeafIndex> segments)
    : fs_(fs), layout_(layout), head_(head), segments_(std::move(segments)) {
  std::erase_if(segments_, [&](LeafIndex first) { return first > head_.segment; });
  add_up();
}

void BlockSource::limit(const LinePosition& from, const LinePosition* to) {
  from_ = from;
  if (to != nullptr) to_ = *to;
  std::erase_if(segments_, [&](LeafIndex first) {
    return first < from.segment || (to != nullptr && first > to->segment);
  });
  add_up();
}

void BlockSource::add_up() {
  total_ = 0;
  for (const LeafIndex first : segments_) {
    const auto info = fs_.stat(layout_.segment(first));
    const Bounds bounds = bounds_of(first, info && *info ? (*info)->size : 0);
    total_ += bounds.end - bounds.begin;
  }
}

BlockSource::Bounds BlockSource::bounds_of(LeafIndex segment, std::uint64_t bytes) const {
  Bounds out{0, segment == head_.segment ? std::min(bytes, head_.segment_bytes) : bytes};
  if (to_ && segment == to_->segment) out.end = std::min(out.end, to_->offset);
  if (from_ && segment == from_->segment) out.begin = std::min(out.end, from_->offset);
  return out;
}

Result<bool> BlockSource::open_next_segment() {
  if (next_segment_ == segments_.size()) return false;
  segment_ = segments_[next_segment_++];
  TALLY_TRY(file_, fs_.open(layout_.segment(segment_), storage::OpenMode::read));
  TALLY_TRY(const auto info, file_->info());
  const Bounds bounds = bounds_of(segment_, info.size);
  at_ = bounds.begin;
  end_ = bounds.end;
  segment_start_ = at_ == 0;
  return true;
}

Result<std::optional<Block>> BlockSource::next() {
  const std::lock_guard lock(mutex_);
  while (!file_ || at_ == end_) {
    TALLY_TRY(const bool more, open_next_segment());
    if (!more) return std::optional<Block>();
  }
  Block block{next_index_++, segment_, at_ - carry_.size(), segment_start_, std::move(carry_)};
  carry_.clear();
  segment_start_ = false;
  for (;;) {
    const std::size_t kept = block.bytes.size();
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(kBlockBytes, end_ - at_));
    block.bytes.resize(kept + want);
    TALLY_TRY(const std::size_t n,
              file_->read_at(at_, {reinterpret_cast<std::byte*>(block.bytes.data()) + kept, want}));
    block.bytes.resize(kept + n);
    at_ += n;
    if (n < want) at_ = end_;  // shorter than it was: what is missing shows in the numbers
    if (at_ == end_) return std::optional(std::move(block));
    const std::size_t lf = block.bytes.rfind('\n');
    if (lf != std::string::npos) {
      carry_ = block.bytes.substr(lf + 1);
      block.bytes.resize(lf + 1);
      return std::optional(std::move(block));
    }
    // A line longer than a block can only be damage; pass it on in pieces rather than collect it.
    if (block.bytes.size() >= 2 * kBlockBytes) return std::optional(std::move(block));
  }
}

}  // namespace tally::log
