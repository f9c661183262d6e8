// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/memory_partition.h"

#include "base/check.h"
#include "base/clock.h"
#include "event/duration.h"

#include <algorithm>
#include <numeric>

namespace tally::index::sqlite {
namespace {

using event::Field;

std::int64_t micros_of(std::string_view text) {
  const auto time = parse_time(text);
  return time ? static_cast<std::int64_t>(time->time_since_epoch().count()) : kNoTime;
}

}  // namespace

/// Entries come in bursts: what is the same as in the last one, the date and all but the fraction
/// of a second, is not read again.
std::int64_t MemoryPartition::time_of(event::Field field) {
  const std::string_view text = view_.text(field, storage_);
  constexpr std::size_t kWhole = std::string_view("2026-11-21T19:00:00.").size();
  constexpr std::size_t kFraction = 6;
  const bool usual = text.size() == kWhole + kFraction + 1 && text.back() == 'Z';
  if (!usual || text[kWhole - 3] == '6') return micros_of(text);  // a leap second has no fraction
  if (second_text_.empty() || text.substr(0, kWhole) != second_text_) {
    const std::int64_t whole = micros_of(std::string(text.substr(0, kWhole)) + "000000Z");
    if (whole == kNoTime) return micros_of(text);
    second_text_ = text.substr(0, kWhole);
    second_ = whole;
  }
  std::int64_t fraction = 0;
  for (const char c : text.substr(kWhole, kFraction)) {
    if (c < '0' || c > '9') return micros_of(text);
    fraction = fraction * 10 + (c - '0');
  }
  return second_ + fraction;
}

MemoryPartition::MemoryPartition(const Seed& seed, std::uint64_t first, std::uint32_t rows_max)
    : seed_(seed), first_(first), rows_max_(rows_max) {
  TALLY_CHECK(rows_max > 0 && rows_max <= kPartitionRows);
}

void MemoryPartition::add(std::string_view line) {
  TALLY_CHECK(!full());
  const auto row = rows();
  std::int64_t time = kNoTime;
  std::int64_t recorded = kNoNumber;
  std::int64_t duration = kNoNumber;
  if (view_.parse(line)) {
    time = time_of(Field::timestamp);
    recorded = view_.has(Field::recorded_at) ? time_of(Field::recorded_at) : time;
    const auto took = event::parse_milliseconds(view_.raw(Field::duration_ms));
    if (took) duration = took->count();
    add_values(row);
    add_ids(row);
  } else {
    unreadable_.push_back(row);
    for (auto& hashes : ids_) hashes.push_back(kNoHash);
  }
  time_min_ = row == 0 ? time : std::min(time_min_, time);
  time_max_ = row == 0 ? time : std::max(time_max_, time);
  times_.push_back(time);
  recorded_.push_back(recorded);
  durations_.push_back(duration);
}

void MemoryPartition::add_values(std::uint32_t row) {
  const PartyNames names(view_);
  for (std::size_t i = 0; i < kColumns; ++i) {
    const auto column = static_cast<Column>(i);
    ColumnValues& values = columns_[i];
    encoded_.clear();
    append_value(encoded_, column, view_, names);
    // What comes in a row is often alike, and comparing costs less than looking it up.
    if (!values.texts.empty() && encoded_ == *values.texts[values.last]) {
      values.rows[values.last].push_back(row);
      continue;
    }
    const auto [at, added] =
        values.known.try_emplace(encoded_, static_cast<std::uint32_t>(values.rows.size()));
    if (added) {
      values.texts.push_back(&at->first);
      values.rows.emplace_back();
      const std::size_t start = terms_.size();
      each_term(Value(column, at->first), [&](const TermText& term) {
        const Term made{term_hash(seed_, term.key, term.text, term.fold_case), at->second, column};
        const auto same = [&](const Term& other) { return other.hash == made.hash; };
        if (std::none_of(terms_.begin() + static_cast<std::ptrdiff_t>(start), terms_.end(), same)) {
          terms_.push_back(made);
        }
      });
    }
    values.rows[at->second].push_back(row);
    values.last = at->second;
  }
}

void MemoryPartition::add_ids(std::uint32_t row) {
  static constexpr Key kKeys[] = {Key::request,     Key::session, Key::trace,
                                  Key::interaction, Key::flow,    Key::id};
  for (std::size_t i = 0; i < kIdFields; ++i) {
    bool has = false;
    const auto text = id_text(static_cast<IdField>(i), view_, storage_, has);
    if (!has) absent_[i].push_back(row);
    ids_[i].push_back(has ? term_hash(seed_, static_cast<std::uint8_t>(kKeys[i]), text) : kNoHash);
  }
}

std::unique_lock<std::mutex> MemoryPartition::pin() const {
  std::unique_lock lock(mutex_);
  settle();
  return lock;
}

/// Brings order_ up to date: sorts what came since, and merges it in.
void MemoryPartition::settle() const {
  const std::size_t count = times_.size();
  if (settled_ == count) return;
  const auto before = [this](std::uint32_t a, std::uint32_t b) {
    return times_[a] != times_[b] ? times_[a] < times_[b] : a < b;
  };
  if (order_.empty()) {
    const auto from =
        times_.begin() + static_cast<std::ptrdiff_t>(settled_ == 0 ? 0 : settled_ - 1);
    if (std::is_sorted(from, times_.end())) {
      settled_ = count;
      return;
    }
    order_.resize(settled_);
    std::iota(order_.begin(), order_.end(), 0U);
  }
  const auto middle = static_cast<std::ptrdiff_t>(settled_);
  order_.resize(count);
  std::iota(order_.begin() + middle, order_.end(), static_cast<std::uint32_t>(settled_));
  std::sort(order_.begin() + middle, order_.end(), before);
  std::inplace_merge(order_.begin(), order_.begin() + middle, order_.end(), before);
  positions_.resize(count);
  for (std::uint32_t at = 0; at < count; ++at) positions_[order_[at]] = at;
  settled_ = count;
}

void MemoryPartition::add_rows(const std::vector<std::uint32_t>& rows, Bitmap& out) const {
  for (const std::uint32_t row : rows) out.set(positions_.empty() ? row : positions_[row]);
}

Result<void> MemoryPartition::add_term(std::uint64_t hash, Bitmap& out) const {
  for (const Term& term : terms_) {
    if (term.hash == hash) add_rows(value_rows(term.column, term.value), out);
  }
  return {};
}

Result<void> MemoryPartition::add_id(IdField field, std::uint64_t hash, Bitmap& out) const {
  const auto& hashes = ids(field);
  for (std::uint32_t row = 0; row < hashes.size(); ++row) {
    if (hashes[row] == hash) out.set(positions_.empty() ? row : positions_[row]);
  }
  return {};
}

Result<void> MemoryPartition::add_absent(IdField field, Bitmap& out) const {
  add_rows(absent(field), out);
  return {};
}

Result<void> MemoryPartition::add_unreadable(Bitmap& out) const {
  add_rows(unreadable_, out);
  return {};
}

Result<void> MemoryPartition::add_seqs(std::uint32_t low, std::uint32_t high, Bitmap& out) const {
  for (std::uint32_t row = low; row <= high && row < rows(); ++row) {
    out.set(positions_.empty() ? row : positions_[row]);
  }
  return {};
}

Result<void> MemoryPartition::each_value(Column column, const ValueVisitor& visit) const {
  for (std::uint32_t value = 0; value < value_count(column); ++value) {
    TALLY_TRY_VOID(visit(Value(column, value_text(column, value)), value));
  }
  return {};
}

Result<Posting> MemoryPartition::posting(Column column, std::uint32_t ref) const {
  Posting out;
  out.list = value_rows(column, ref);
  out.count = static_cast<std::uint32_t>(out.list.size());
  if (!positions_.empty()) {
    for (std::uint32_t& at : out.list) at = positions_[at];
  }
  return out;
}

Result<std::uint32_t> MemoryPartition::lower_bound(std::int64_t time) const {
  std::uint32_t low = 0;
  std::uint32_t high = rows();
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (times_[row_at(middle)] < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

Result<void> MemoryPartition::places(std::uint32_t begin, std::uint32_t end,
                                     std::vector<Position>& out) const {
  for (std::uint32_t at = begin; at < end; ++at) {
    const std::uint32_t row = row_at(at);
    out.push_back({times_[row], first_ + row});
  }
  return {};
}

Result<std::vector<std::int64_t>> MemoryPartition::numbers(Number which) const {
  const auto& by_row = which == Number::recorded ? recorded_ : durations_;
  if (order_.empty()) return by_row;
  std::vector<std::int64_t> out(by_row.size());
  for (std::uint32_t at = 0; at < out.size(); ++at) out[at] = by_row[order_[at]];
  return out;
}

std::string_view MemoryPartition::value_text(Column column, std::uint32_t value) const {
  return *columns_[static_cast<std::size_t>(column)].texts[value];
}

const std::vector<std::uint32_t>& MemoryPartition::value_rows(Column column,
                                                              std::uint32_t value) const {
  return columns_[static_cast<std::size_t>(column)].rows[value];
}

std::uint32_t MemoryPartition::value_count(Column column) const {
  return static_cast<std::uint32_t>(columns_[static_cast<std::size_t>(column)].rows.size());
}

const std::vector<std::uint32_t>& MemoryPartition::positions() const { return positions_; }

}  // namespace tally::index::sqlite
