// SPDX-License-Identifier: Apache-2.0
#include "index/line_source.h"

#include "base/limits.h"
#include "log/entry.h"
#include "log/segment_reader.h"

#include <algorithm>
#include <limits>

namespace tally::index {
namespace {

/// Read at once where lines are asked for one after the other, and where they are far apart.
constexpr std::uint64_t kWindowBytes = 64 * kKiB;
constexpr std::uint64_t kSmallWindowBytes = 16 * kKiB;
/// The least that fits in a window, in lines of the segment's average length.
constexpr std::uint64_t kWindowLines = 8;
constexpr std::uint64_t kLargestWindowBytes = 512 * kKiB;
/// A window is placed so far beside its line, for a guess is never quite right.
constexpr std::uint64_t kMarginBytes = 4 * kKiB;
/// Lines this far behind the window count as one after the other.
constexpr std::uint64_t kNearLines = 64;
/// Windows that are read on a guess before bisection finds the line for certain.
constexpr int kGuesses = 6;
/// In place of a number that a line does not have.
constexpr std::uint64_t kNoSeq = std::numeric_limits<std::uint64_t>::max();
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
  ends_.clear();
  firsts_ = std::move(firsts);
  head_ = head;
  return {};
}

/// The line in the place of `seq`, if it has this number.
std::optional<std::string_view> LineSource::in_window(std::uint64_t seq) const {
  if (seq < window_first_ || seq - window_first_ >= ends_.size()) return std::nullopt;
  const std::size_t at = seq - window_first_;
  const std::size_t start = at == 0 ? 0 : ends_[at - 1] + 1;
  const auto line = std::string_view(window_).substr(start, ends_[at] - start);
  if (log::seq_of_line(line) != LeafIndex{seq}) return std::nullopt;
  return line;
}

Result<std::string_view> LineSource::line(std::uint64_t seq) {
  if (const auto found = in_window(seq)) return *found;
  if (!contains(head_->size, LeafIndex{seq})) TALLY_TRY_VOID(look());
  auto guessed = guess(seq);
  if (!guessed && guessed.error().code == Errc::not_found) {
    // Segments are replaced after a failed sync; the list is read once more.
    TALLY_TRY_VOID(look());
    guessed = guess(seq);
  }
  TALLY_TRY(const bool right, std::move(guessed));
  const auto found_slowly = right ? Result<void>() : bisect(seq);
  if (!found_slowly && found_slowly.error().code != Errc::not_found) {
    return tl::unexpected(found_slowly.error());
  }
  if (const auto found = in_window(seq)) return *found;
  ends_.clear();
  return fail(Errc::corrupt, reader_.layout().segments() + ": entry " + std::to_string(seq) +
                                 " is not where it should be; run tallystick verify");
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
  std::uint64_t end = head_->size.value();
  if (first != head_->segment) {
    TALLY_TRY(const auto info, file->info());
    bytes = info.size;
    if (behind != firsts_.end()) end = behind->value();
  }
  Segment segment{std::move(file), bytes, first.value(), end - first.value()};
  return &open_.emplace(first.value(), std::move(segment)).first->second;
}

/// Reads where the line should be, if lines between two known places had the same length, and
/// from what is there guesses better. False: not found so; the bytes may not be what we think.
Result<bool> LineSource::guess(std::uint64_t seq) {
  TALLY_TRY(Segment* const segment, segment_of(seq));
  Place low{segment->first, 0};
  Place high{segment->first + segment->lines, segment->bytes};
  const auto narrow = [&] {
    if (seq < window_first_) {
      high = {window_first_, window_offset_};
    } else {
      low = {window_first_ + ends_.size(), window_offset_ + window_.size()};
    }
  };
  const bool here = !ends_.empty() && window_segment_ == segment->first;
  if (here) narrow();
  if (segment->lines == 0) return false;
  const bool falling = seq < window_first_;
  const bool near = here && (falling ? high.seq - seq : seq - low.seq) < kNearLines;
  const std::uint64_t some = kWindowLines * (segment->bytes / segment->lines);
  const std::uint64_t size =
      std::clamp(some, near ? kWindowBytes : kSmallWindowBytes, kLargestWindowBytes);
  for (int round = 0; round < kGuesses; ++round) {
    if (seq < low.seq || seq >= high.seq || low.offset >= high.offset) return false;
    const double part =
        static_cast<double>(seq - low.seq) / static_cast<double>(high.seq - low.seq);
    const auto middle = low.offset + static_cast<std::uint64_t>(
                                         part * static_cast<double>(high.offset - low.offset));
    // Most of the window lies on the side on which the next line is expected.
    const std::uint64_t before = !near ? size / 2 : falling ? size - kMarginBytes : kMarginBytes;
    const std::uint64_t begin = middle - low.offset > before ? middle - before : low.offset;
    TALLY_TRY_VOID(read(*segment, begin, std::min(high.offset, begin + size), begin == low.offset));
    if (in_window(seq)) return true;
    if (ends_.empty()) return false;
    narrow();
  }
  return false;
}

Result<void> LineSource::bisect(std::uint64_t seq) {
  TALLY_TRY(Segment* const segment, segment_of(seq));
  TALLY_TRY(const std::uint64_t offset,
            log::find_seq(*segment->file, segment->bytes, LeafIndex{seq}));
  TALLY_TRY(const std::string line, log::read_line_at(*segment->file, offset, segment->bytes));
  return read(*segment, offset, offset + line.size() + 1, true);
}

/// Makes the whole lines in [begin, end) the window; the first one begins at `begin` if `at_line`.
/// It is empty when there are none, or when the first has no number.
Result<void> LineSource::read(Segment& segment, std::uint64_t begin, std::uint64_t end,
                              bool at_line) {
  ends_.clear();
  window_.resize(end - begin);
  TALLY_TRY(
      const std::size_t count,
      segment.file->read_at(begin, {reinterpret_cast<std::byte*>(window_.data()), window_.size()}));
  window_.resize(count);
  if (!at_line) {
    const std::size_t lf = window_.find('\n');
    window_.erase(0, lf == std::string::npos ? window_.size() : lf + 1);
    begin += count - window_.size();
  }
  std::size_t line = 0;
  for (std::size_t at = window_.find('\n'); at != std::string::npos;
       at = window_.find('\n', line)) {
    ends_.push_back(at);
    line = at + 1;
  }
  window_.resize(line);
  // A line may have been given another number: the window begins where two follow each other.
  const auto number = [&](std::size_t at) {
    const std::size_t start = at == 0 ? 0 : ends_[at - 1] + 1;
    const auto seq = log::seq_of_line(std::string_view(window_).substr(start, ends_[at] - start));
    return seq ? seq->value() : kNoSeq;
  };
  std::size_t left_out = 0;
  std::uint64_t first = ends_.empty() ? kNoSeq : number(0);
  while (left_out + 1 < ends_.size()) {
    const std::uint64_t second = number(left_out + 1);
    if (first != kNoSeq && second == first + 1) break;
    first = second;
    ++left_out;
  }
  if (left_out > 0) {
    const std::size_t bytes = ends_[left_out - 1] + 1;
    window_.erase(0, bytes);
    begin += bytes;
    ends_.erase(ends_.begin(), ends_.begin() + static_cast<std::ptrdiff_t>(left_out));
    for (std::size_t& at : ends_) at -= bytes;
  }
  if (first == kNoSeq) ends_.clear();
  window_segment_ = segment.first;
  window_offset_ = begin;
  window_first_ = first;
  return {};
}

}  // namespace tally::index
