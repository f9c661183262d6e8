// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/store_partition.h"

#include "base/check.h"
#include "index/sqlite/block_file.h"
#include "index/sqlite/byte_code.h"
#include "index/sqlite/partition_head.h"

#include <algorithm>
#include <numeric>
#include <optional>

namespace tally::index::sqlite {
namespace {

using Rows = std::vector<std::uint32_t>;

struct Term {
  std::uint64_t hash;
  std::uint32_t ref;
};

struct IdRow {
  std::uint64_t hash;
  std::uint32_t row;
};

/// By (hash, row). First by the upper bits of the hashes, which are evenly spread: what is left to
/// sort is small enough for the cache.
void sort_by_hash(std::vector<IdRow>& ids) {
  constexpr unsigned kBits = 12;
  constexpr auto part = [](const IdRow& id) {
    return static_cast<std::size_t>(id.hash >> (64 - kBits));
  };
  std::vector<std::size_t> ends((std::size_t{1} << kBits) + 1);
  for (const IdRow& id : ids) ++ends[part(id) + 1];
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  const std::vector<std::size_t> begins = ends;
  std::vector<IdRow> sorted(ids.size());
  for (const IdRow& id : ids) sorted[ends[part(id)]++] = id;
  const auto before = [](const IdRow& a, const IdRow& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.row < b.row;
  };
  for (std::size_t i = 0; i + 1 < begins.size(); ++i) {
    const auto begin = sorted.begin() + static_cast<std::ptrdiff_t>(begins[i]);
    const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(begins[i + 1]);
    if (!std::is_sorted(begin, end, before)) std::sort(begin, end, before);
  }
  ids = std::move(sorted);
}

class Storing {
 public:
  Storing(const MemoryPartition& partition, BlockWriter& out, const StoreOptions& options)
      : from_(partition), out_(out), positions_(partition.positions()) {
    head_.log_id = options.log_id;
    head_.root = options.root;
    head_.first = partition.first();
    head_.rows = partition.rows();
    head_.time_min = partition.time_min();
    head_.time_max = partition.time_max();
  }

  Result<PartitionHead> run() {
    TALLY_TRY_VOID(store_places());
    TALLY_TRY(const auto recorded, from_.numbers(Number::recorded));
    TALLY_TRY(const auto durations, from_.numbers(Number::duration));
    TALLY_TRY_VOID(store_recorded(recorded));
    TALLY_TRY_VOID(store_durations(durations));
    TALLY_TRY_VOID(store_values());
    TALLY_TRY_VOID(store_ids());
    for (std::size_t i = 0; i < kIdFields; ++i) {
      TALLY_TRY(head_.absent[i], store_posting(from_.absent(static_cast<IdField>(i))));
    }
    TALLY_TRY(head_.unreadable, store_posting(from_.unreadable()));
    TALLY_TRY_VOID(end_postings());
    TALLY_TRY_VOID(store_terms());
    return std::move(head_);
  }

 private:
  Result<void> store_places() {
    std::vector<Position> places;
    places.reserve(from_.rows());
    TALLY_TRY_VOID(from_.places(0, from_.rows(), places));
    places_ = std::move(places);
    for (std::size_t begin = 0; begin < places_.size(); begin += kBlockRows) {
      const std::size_t end = std::min<std::size_t>(places_.size(), begin + kBlockRows);
      std::string bytes;
      std::int64_t before = places_[begin].time;
      for (std::size_t i = begin; i < end; ++i) {
        // Times rise; from "no time" to the first one the difference wraps, and back when read.
        put_varint(bytes, static_cast<std::uint64_t>(places_[i].time) -
                              static_cast<std::uint64_t>(before));
        before = places_[i].time;
      }
      TALLY_TRY(const auto block, out_.add("times", std::move(bytes)));
      head_.times.push_back({zigzag(places_[begin].time), block});
    }
    if (positions_.empty()) return {};
    return store_blocks("seqs", head_.seqs, [&](std::string& bytes, std::size_t i) {
      const auto row = static_cast<std::int64_t>(places_[i].seq - head_.first);
      put_varint(bytes, zigzag(row - static_cast<std::int64_t>(i)));
    });
  }

  template <class Put>
  Result<void> store_blocks(std::string_view part, std::vector<std::uint32_t>& ids, Put&& put) {
    for (std::size_t begin = 0; begin < places_.size(); begin += kBlockRows) {
      const std::size_t end = std::min<std::size_t>(places_.size(), begin + kBlockRows);
      std::string bytes;
      for (std::size_t i = begin; i < end; ++i) put(bytes, i);
      TALLY_TRY(const auto block, out_.add(part, std::move(bytes)));
      ids.push_back(block);
    }
    return {};
  }

  Result<void> store_recorded(const std::vector<std::int64_t>& recorded) {
    bool same = true;
    for (std::size_t i = 0; i < recorded.size(); ++i) same &= recorded[i] == places_[i].time;
    if (same) return {};
    return store_blocks("recorded", head_.recorded, [&](std::string& bytes, std::size_t i) {
      put_varint(bytes,
                 zigzag(static_cast<std::int64_t>(static_cast<std::uint64_t>(recorded[i]) -
                                                  static_cast<std::uint64_t>(places_[i].time))));
    });
  }

  Result<void> store_durations(const std::vector<std::int64_t>& durations) {
    if (std::ranges::all_of(durations, [](std::int64_t d) { return d == kNoNumber; })) return {};
    return store_blocks("durations", head_.durations, [&](std::string& bytes, std::size_t i) {
      put_varint(bytes,
                 durations[i] == kNoNumber ? 0 : static_cast<std::uint64_t>(durations[i]) + 1);
    });
  }

  Result<void> store_values() {
    for (std::size_t c = 0; c < kColumns; ++c) {
      const auto column = static_cast<Column>(c);
      std::string bytes;
      Rows& refs = value_refs_[c];
      for (std::uint32_t value = 0; value < from_.value_count(column); ++value) {
        TALLY_TRY(const auto ref, store_posting(from_.value_rows(column, value)));
        refs.push_back(ref);
        put_sized(bytes, from_.value_text(column, value));
        put_varint(bytes, ref);
        if (bytes.size() >= kBlockBytes) TALLY_TRY_VOID(store_texts(c, bytes));
      }
      if (!bytes.empty()) TALLY_TRY_VOID(store_texts(c, bytes));
    }
    return store_value_terms();
  }

  /// A term that stands for several values gets a posting of its own: one read instead of many.
  Result<void> store_value_terms() {
    auto terms = from_.terms();
    std::ranges::sort(terms, {}, &MemoryPartition::Term::hash);
    Rows rows;
    for (std::size_t i = 0; i < terms.size();) {
      std::size_t end = i + 1;
      while (end < terms.size() && terms[end].hash == terms[i].hash) ++end;
      std::uint32_t ref = value_refs_[static_cast<std::size_t>(terms[i].column)][terms[i].value];
      if (end - i > 1) {
        // Each entry has one value of a column, so no row comes twice.
        rows.clear();
        for (std::size_t k = i; k < end; ++k) {
          const Rows& more = from_.value_rows(terms[k].column, terms[k].value);
          rows.insert(rows.end(), more.begin(), more.end());
        }
        TALLY_TRY(ref, store_posting(rows));
      }
      terms_.push_back({terms[i].hash, ref});
      i = end;
    }
    return {};
  }

  Result<void> store_texts(std::size_t column, std::string& bytes) {
    TALLY_TRY(const auto block, out_.add("texts", std::move(bytes)));
    head_.texts[column].push_back(block);
    bytes.clear();
    return {};
  }

  Result<void> store_ids() {
    std::vector<IdRow> ids;
    ids.reserve(kIdFields * std::size_t{from_.rows()});
    for (std::size_t field = 0; field < kIdFields; ++field) {
      const auto& hashes = from_.ids(static_cast<IdField>(field));
      for (std::uint32_t row = 0; row < hashes.size(); ++row) {
        if (hashes[row] != kNoHash) ids.push_back({hashes[row], row});
      }
    }
    sort_by_hash(ids);
    value_terms_ = terms_.size();
    terms_.reserve(terms_.size() + ids.size());
    Rows rows;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const bool more = i + 1 < ids.size() && ids[i + 1].hash == ids[i].hash;
      if (!more && rows.empty()) {  // most ids
        terms_.push_back({ids[i].hash, kSinglePosition | position_of(ids[i].row)});
        continue;
      }
      rows.push_back(ids[i].row);
      if (more) continue;
      TALLY_TRY(const auto ref, store_posting(rows));
      terms_.push_back({ids[i].hash, ref});
      rows.clear();
    }
    return {};
  }

  Result<std::uint32_t> store_posting(const Rows& rows) {
    if (rows.empty()) return kNoPosting;
    std::string bytes;
    // From here on a list would be no smaller.
    if (rows.size() >= sizeof(Bitmap)) {
      Bitmap bits;
      for (const std::uint32_t row : rows) bits.set(position_of(row));
      put_varint(bytes, rows.size() << 1 | 1);
      put_fixed(bytes, bits.words());
    } else {
      sorted_.clear();
      for (const std::uint32_t row : rows) sorted_.push_back(position_of(row));
      if (!std::ranges::is_sorted(sorted_)) std::ranges::sort(sorted_);
      if (sorted_.size() == 1) return kSinglePosition | sorted_[0];
      put_varint(bytes, sorted_.size() << 1);
      std::uint32_t last = 0;
      for (const std::uint32_t at : sorted_) {
        put_varint(bytes, at - last);
        last = at;
      }
    }
    // A large one has a block of its own.
    if (run_.size() + bytes.size() > kBlockBytes) TALLY_TRY_VOID(end_postings());
    const auto ref = run_start_ + static_cast<std::uint32_t>(run_.size());
    run_ += bytes;
    return ref;
  }

  [[nodiscard]] std::uint32_t position_of(std::uint32_t row) const {
    return positions_.empty() ? row : positions_[row];
  }

  Result<void> end_postings() {
    if (run_.empty()) return {};
    const auto size = static_cast<std::uint32_t>(run_.size());
    TALLY_TRY(const auto block, out_.add("postings", std::move(run_)));
    head_.postings.push_back({run_start_, block});
    run_start_ += size;
    TALLY_CHECK(run_start_ < kSinglePosition);
    run_.clear();
    return {};
  }

  Result<void> store_terms() {
    // Those of values, then those of ids, which are in order.
    const auto ids = terms_.begin() + static_cast<std::ptrdiff_t>(value_terms_);
    const auto before = [](const Term& a, const Term& b) { return a.hash < b.hash; };
    std::sort(terms_.begin(), ids, before);
    std::inplace_merge(terms_.begin(), ids, terms_.end(), before);
    for (std::size_t begin = 0; begin < terms_.size(); begin += kBlockTerms) {
      const std::size_t end = std::min<std::size_t>(terms_.size(), begin + kBlockTerms);
      std::string bytes;
      for (std::size_t i = begin; i < end; ++i) put_fixed(bytes, terms_[i].hash);
      for (std::size_t i = begin; i < end; ++i) put_fixed(bytes, terms_[i].ref);
      TALLY_TRY(const auto block, out_.add("terms", std::move(bytes)));
      head_.terms.push_back({terms_[begin].hash, block});
    }
    return {};
  }

  const MemoryPartition& from_;
  BlockWriter& out_;
  const Rows& positions_;
  PartitionHead head_;
  std::vector<Position> places_;
  std::array<Rows, kColumns> value_refs_;
  std::vector<Term> terms_;
  std::size_t value_terms_ = 0;  // how many of them are of values; they come first
  std::string run_;              // postings not stored yet
  std::uint32_t run_start_ = 0;
  Rows sorted_;
};

}  // namespace

Result<void> store_partition(const MemoryPartition& partition, const std::string& path,
                             const StoreOptions& options) {
  { const auto settled = partition.pin(); }
  TALLY_TRY(auto out, BlockWriter::create(path, options.seed, partition.first()));
  TALLY_TRY(const auto head, Storing(partition, out, options).run());
  return out.finish(encode_head(head));
}

}  // namespace tally::index::sqlite
