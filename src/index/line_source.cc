// SPDX-License-Identifier: Apache-2.0
#include "index/line_source.h"

#include "base/limits.h"
#include "log/entry.h"
#include "log/segment_reader.h"

#include <algorithm>

namespace tally::index {
namespace {

/// Read at once: some hundred lines, about as fast as one.
constexpr std::uint64_t kWindowBytes = 64 * kKiB;
/// Segments kept open.
constexpr std::size_t kOpenMax = 16;

}  // namespace

Result<LineSource> LineSource::open(storage::FileSystem& fs, std::string directory) {
  TALLY_TRY(auto reader, log::Reader::open(fs, std::move(directory)));
  LineSource source(fs, std::move(reader));
  TALLY_TRY_VOID(source.look());
  return source;
}

Result<void> LineSource::look() {
  TALLY_TRY(const log::Head head, reader_.head());
  TALLY_TRY(auto firsts, log::list_segments(*fs_, reader_.layout()));
  std::erase_if(firsts, [&](LeafIndex first) { return first > head.segment; });
  // What was read as the end of a segment may have been written anew.
  open_.clear();
  firsts_ = std::move(firsts);
  head_ = head;
  return {};
}

std::optional<std::string_view> LineSource::in_window(std::uint64_t seq) const {
  if (seq < window_first_ || seq - window_first_ >= ends_.size()) return std::nullopt;
  const std::size_t at = seq - window_first_;
  const std::size_t start = at == 0 ? 0 : ends_[at - 1] + 1;
  return std::string_view(window_).substr(start, ends_[at] - start);
}

Result<std::string_view> LineSource::line(std::uint64_t seq) {
  auto found = in_window(seq);
  if (!found) {
    if (!contains(head_->size, LeafIndex{seq})) TALLY_TRY_VOID(look());
    auto filled = fill(seq);
    if (!filled && filled.error().code == Errc::not_found) {
      // Segments are replaced after a failed sync; the list is read once more.
      TALLY_TRY_VOID(look());
      filled = fill(seq);
    }
    TALLY_TRY_VOID(std::move(filled));
    found = in_window(seq);
  }
  if (!found || log::seq_of_line(*found) != LeafIndex{seq}) {
    ends_.clear();
    return fail(Errc::corrupt, reader_.layout().segments() + ": entry " + std::to_string(seq) +
                                   " is not where it should be; run tallystick verify");
  }
  return *found;
}

Result<LineSource::Segment*> LineSource::segment_of(std::uint64_t seq) {
  const auto behind = std::ranges::upper_bound(firsts_, LeafIndex{seq});
  if (behind == firsts_.begin() || !contains(head_->size, LeafIndex{seq})) {
    return fail(Errc::not_found, "no entry " + std::to_string(seq));
  }
  const LeafIndex first = *(behind - 1);
  const auto known = open_.find(first.value());
  if (known != open_.end()) return &known->second;
  if (open_.size() >= kOpenMax) open_.erase(open_.begin());
  TALLY_TRY(auto file, fs_->open(reader_.layout().segment(first), storage::OpenMode::read));
  std::uint64_t bytes = head_->segment_bytes;
  if (first != head_->segment) {
    TALLY_TRY(const auto info, file->info());
    bytes = info.size;
  }
  return &open_.emplace(first.value(), Segment{std::move(file), bytes}).first->second;
}

Result<void> LineSource::fill(std::uint64_t seq) {
  const bool falling = seq < window_first_;
  TALLY_TRY(Segment* const segment, segment_of(seq));
  TALLY_TRY(const std::uint64_t offset,
            log::find_seq(*segment->file, segment->bytes, LeafIndex{seq}));
  TALLY_TRY(const std::string line, log::read_line_at(*segment->file, offset, segment->bytes));
  // Lines are asked for in one direction mostly.
  std::uint64_t begin = offset;
  std::uint64_t end = std::min(segment->bytes, offset + kWindowBytes);
  if (falling) {
    begin = offset > kWindowBytes ? offset - kWindowBytes : 0;
    end = offset + line.size() + 1;
  }
  end = std::max(end, offset + line.size() + 1);
  window_.resize(end - begin);
  TALLY_TRY(const std::size_t count,
            segment->file->read_at(begin,
                                   {reinterpret_cast<std::byte*>(window_.data()), window_.size()}));
  window_.resize(count);
  // Only whole lines: the first one may have begun before the window.
  if (begin != 0 && begin != offset) {
    const std::size_t lf = window_.find('\n');
    window_.erase(0, lf == std::string::npos ? window_.size() : lf + 1);
    begin += count - window_.size();
  }
  ends_.clear();
  std::uint64_t before = 0;
  for (std::size_t at = window_.find('\n'); at != std::string::npos;
       at = window_.find('\n', at + 1)) {
    ends_.push_back(at);
    before += begin + at < offset ? 1 : 0;
  }
  window_first_ = seq - std::min(seq, before);
  return {};
}

}  // namespace tally::index
