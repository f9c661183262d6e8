// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/stored_partition.h"

#include "index/sqlite/byte_code.h"

#include <algorithm>
#include <cstring>

namespace tally::index::sqlite {
namespace {

/// A block passed its checksum, so only our own mistake can have made it so; still no reason to
/// answer wrongly.
tl::unexpected<Error> malformed(const char* what) {
  return fail(Errc::corrupt, std::string("stored ") + what + " are malformed");
}

template <class T>
T fixed_at(std::string_view bytes, std::size_t index) {
  T value{};
  std::memcpy(&value, bytes.data() + index * sizeof value, sizeof value);
  return value;
}

/// Index of the last start that is not above `value`; 0 when all are.
std::size_t last_start(const std::vector<PartitionHead::Start>& starts, std::uint64_t value) {
  const auto behind = std::ranges::upper_bound(starts, value, {}, &PartitionHead::Start::from);
  return behind == starts.begin() ? 0 : static_cast<std::size_t>(behind - starts.begin()) - 1;
}

}  // namespace

Result<std::shared_ptr<StoredPartition>> StoredPartition::open(const std::string& path,
                                                               const Seed& seed,
                                                               std::uint64_t first,
                                                               BlockCache& cache) {
  TALLY_TRY(auto file, BlockReader::open(path, seed, first, cache));
  TALLY_TRY(const Block block, file->read(kHeadBlock));
  TALLY_TRY(auto head, decode_head(*block));
  if (head.first != first || head.rows == 0 || head.rows > kPartitionRows || head.times.empty()) {
    return fail(Errc::corrupt, path + ": it holds other entries than its name says");
  }
  return std::shared_ptr<StoredPartition>(new StoredPartition(std::move(file), std::move(head)));
}

Result<void> StoredPartition::add_term(std::uint64_t hash, Bitmap& out) const {
  const auto& starts = head_.terms;
  // The last block that begins below the hash, and those behind it that begin with it.
  auto at = std::ranges::lower_bound(starts, hash, {}, &PartitionHead::Start::from);
  if (at != starts.begin()) --at;
  for (; at != starts.end() && at->from <= hash; ++at) {
    TALLY_TRY(const Block block, file_->read(at->block));
    constexpr std::size_t kTermBytes = sizeof(std::uint64_t) + sizeof(std::uint32_t);
    if (block->size() % kTermBytes != 0) return malformed("terms");
    const std::size_t count = block->size() / kTermBytes;
    const std::string_view hashes = std::string_view(*block).substr(0, count * 8);
    const std::string_view refs = std::string_view(*block).substr(count * 8);
    std::size_t low = 0;
    std::size_t high = count;
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (fixed_at<std::uint64_t>(hashes, middle) < hash) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    for (; low < count && fixed_at<std::uint64_t>(hashes, low) == hash; ++low) {
      TALLY_TRY_VOID(add_posting(fixed_at<std::uint32_t>(refs, low), out));
    }
  }
  return {};
}

Result<void> StoredPartition::add_posting(std::uint32_t ref, Bitmap& out) const {
  TALLY_TRY(const Posting posting, decode(ref));
  posting.add_to(out);
  return {};
}

Result<Posting> StoredPartition::decode(std::uint32_t ref) const {
  Posting out;
  if (ref == kNoPosting) return out;
  if ((ref & kSinglePosition) != 0) {
    out.list.push_back(ref & ~kSinglePosition);
    out.count = 1;
    return out;
  }
  if (head_.postings.empty()) return malformed("postings");
  const auto& start = head_.postings[last_start(head_.postings, ref)];
  TALLY_TRY(const Block block, file_->read(start.block));
  if (ref - start.from > block->size()) return malformed("postings");
  ByteReader in(std::string_view(*block).substr(ref - start.from));
  const std::uint64_t count = in.varint();
  out.count = static_cast<std::uint32_t>(count >> 1);
  if (out.count > head_.rows) return malformed("postings");
  if ((count & 1) != 0) {
    auto bits = std::make_unique<Bitmap>();
    bits->words() = in.fixed<std::array<std::uint64_t, Bitmap::kWords>>();
    out.bits = std::move(bits);
  } else {
    out.list.reserve(out.count);
    std::uint64_t at = 0;
    for (std::uint32_t i = 0; i < out.count; ++i) {
      at += in.varint();
      if (at >= head_.rows) return malformed("postings");
      out.list.push_back(static_cast<std::uint32_t>(at));
    }
  }
  if (!in.ok()) return malformed("postings");
  return out;
}

Result<void> StoredPartition::add_absent(IdField field, Bitmap& out) const {
  return add_posting(head_.absent[static_cast<std::size_t>(field)], out);
}

Result<void> StoredPartition::add_unreadable(Bitmap& out) const {
  return add_posting(head_.unreadable, out);
}

Result<void> StoredPartition::add_seqs(std::uint32_t low, std::uint32_t high, Bitmap& out) const {
  if (head_.seqs.empty()) {
    out.set_range(low, std::min(high, head_.rows - 1) + 1);
    return {};
  }
  std::uint32_t at = 0;
  for (std::size_t block = 0; block < head_.seqs.size(); ++block) {
    TALLY_TRY(const auto rows, rows_at(block));
    for (const std::uint32_t row : rows) {
      if (row >= low && row <= high) out.set(at);
      ++at;
    }
  }
  return {};
}

Result<void> StoredPartition::each_value(Column column, const ValueVisitor& visit) const {
  for (const std::uint32_t id : head_.texts[static_cast<std::size_t>(column)]) {
    TALLY_TRY(const Block block, file_->read(id));
    ByteReader in(*block);
    while (in.ok() && !in.at_end()) {
      const std::string_view text = in.sized();
      const auto ref = static_cast<std::uint32_t>(in.varint());
      if (!in.ok()) return malformed("texts");
      TALLY_TRY_VOID(visit(Value(column, text), ref));
    }
  }
  return {};
}

Result<Posting> StoredPartition::posting(Column /*column*/, std::uint32_t ref) const {
  return decode(ref);
}

Result<std::vector<std::int64_t>> StoredPartition::times(std::size_t block,
                                                         std::size_t count) const {
  TALLY_TRY(const Block bytes, file_->read(head_.times[block].block));
  ByteReader in(*bytes);
  std::vector<std::int64_t> out;
  const std::size_t all = std::min<std::size_t>(kBlockRows, head_.rows - block * kBlockRows);
  const std::size_t wanted = std::min(count, all);
  out.reserve(wanted);
  auto time = static_cast<std::uint64_t>(unzigzag(head_.times[block].from));
  while (in.ok() && !in.at_end() && out.size() < wanted) {
    time += in.varint();
    out.push_back(static_cast<std::int64_t>(time));
  }
  if (!in.ok() || out.size() != wanted) return malformed("times");
  return out;
}

Result<std::vector<std::uint32_t>> StoredPartition::rows_at(std::size_t block,
                                                            std::size_t count) const {
  const auto begin = static_cast<std::uint32_t>(block * kBlockRows);
  const auto wanted =
      static_cast<std::uint32_t>(std::min<std::size_t>({count, kBlockRows, head_.rows - begin}));
  std::vector<std::uint32_t> out;
  out.reserve(wanted);
  if (head_.seqs.empty()) {
    for (std::uint32_t i = 0; i < wanted; ++i) out.push_back(begin + i);
    return out;
  }
  TALLY_TRY(const Block bytes, file_->read(head_.seqs[block]));
  ByteReader in(*bytes);
  for (std::uint32_t i = 0; i < wanted; ++i) {
    out.push_back(static_cast<std::uint32_t>(in.signed_varint() + begin + i));
  }
  if (!in.ok()) return malformed("seqs");
  return out;
}

Result<std::uint32_t> StoredPartition::lower_bound(std::int64_t time) const {
  if (time <= head_.time_min) return 0;
  if (time > head_.time_max) return head_.rows;
  // The first block that begins at or behind the time; the place is in the one before it.
  const auto behind = std::ranges::lower_bound(
      head_.times, time, {},
      [](const PartitionHead::Start& start) { return unzigzag(start.from); });
  const auto block =
      static_cast<std::size_t>(std::max<std::ptrdiff_t>(behind - head_.times.begin() - 1, 0));
  TALLY_TRY(const auto inside, times(block));
  const auto at = std::ranges::lower_bound(inside, time) - inside.begin();
  return static_cast<std::uint32_t>(block * kBlockRows) + static_cast<std::uint32_t>(at);
}

Result<void> StoredPartition::places(std::uint32_t begin, std::uint32_t end,
                                     std::vector<Position>& out) const {
  while (begin < end) {
    const std::size_t block = begin / kBlockRows;
    const auto start = static_cast<std::uint32_t>(block * kBlockRows);
    TALLY_TRY(const auto inside, times(block, end - start));
    TALLY_TRY(const auto rows, rows_at(block, end - start));
    for (; begin < end && begin - start < inside.size(); ++begin) {
      out.push_back({inside[begin - start], head_.first + rows[begin - start]});
    }
  }
  return {};
}

Result<std::vector<std::int64_t>> StoredPartition::numbers(Number which) const {
  std::vector<std::int64_t> out;
  out.reserve(head_.rows);
  const auto& blocks = which == Number::recorded ? head_.recorded : head_.durations;
  if (which == Number::duration && blocks.empty()) {
    out.assign(head_.rows, kNoNumber);
    return out;
  }
  for (std::size_t block = 0; block < head_.times.size(); ++block) {
    std::vector<std::int64_t> base;
    if (which == Number::recorded) {
      TALLY_TRY(base, times(block));
    }
    if (blocks.empty()) {
      out.insert(out.end(), base.begin(), base.end());
      continue;
    }
    TALLY_TRY(const Block bytes, file_->read(blocks[block]));
    ByteReader in(*bytes);
    const std::size_t count = std::min<std::size_t>(kBlockRows, head_.rows - out.size());
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t value = in.varint();
      if (which == Number::duration) {
        out.push_back(value == 0 ? kNoNumber : static_cast<std::int64_t>(value - 1));
      } else {
        out.push_back(static_cast<std::int64_t>(static_cast<std::uint64_t>(base[i]) +
                                                static_cast<std::uint64_t>(unzigzag(value))));
      }
    }
    if (!in.ok()) return malformed("numbers");
  }
  return out;
}

}  // namespace tally::index::sqlite
