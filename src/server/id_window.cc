// SPDX-License-Identifier: Apache-2.0
#include "server/id_window.h"

#include "base/limits.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tally::server {
namespace {

/// Ids of one table, and its slots: a third stays empty, so that a search is short.
constexpr std::size_t kTableIds = kIdWindowEvents / 4;
constexpr std::size_t kGroupSlots = 8;
constexpr std::size_t kTableGroups = kTableIds * 3 / 2 / kGroupSlots;
/// Ids that are looked up under one lock: some 10 us.
constexpr std::size_t kTurnIds = 512;
/// Ids whose memory is asked for ahead.
constexpr std::size_t kAhead = 8;

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kTops = 0x8080808080808080;

std::uint64_t mix(std::uint64_t x) {  // splitmix64
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

std::size_t group_of(std::uint64_t hash) {
  return static_cast<std::size_t>(((hash >> 32) * kTableGroups) >> 32);
}

/// Never 0. From other bits than the group.
std::uint64_t tag_of(std::uint64_t hash) {
  const std::uint64_t tag = hash & 0xFF;
  return tag == 0 ? 1 : tag;
}

/// The top bit of each byte of `tags` that is `tag`, and nothing else.
std::uint64_t places_of(std::uint64_t tags, std::uint64_t tag) {
  const std::uint64_t zero_where_same = tags ^ (tag * kOnes);
  return ~(((zero_where_same & ~kTops) + ~kTops) | zero_where_same | ~kTops);
}

std::size_t first_place(std::uint64_t places) {
  return static_cast<std::size_t>(std::countr_zero(places)) / 8;
}

}  // namespace

std::uint64_t IdWindow::hash_of(std::string_view id) const {
  std::uint64_t hash = key_;
  while (!id.empty()) {
    std::uint64_t word = 0;
    const std::size_t bytes = id.size() < 8 ? id.size() : 8;
    std::memcpy(&word, id.data(), bytes);
    hash = mix(hash ^ word) * key_ + bytes;
    id.remove_prefix(bytes);
  }
  hash = mix(hash);
  return hash == 0 ? 1 : hash;
}

IdWindow::Spot IdWindow::find(std::uint64_t hash) const {
  const std::size_t first = group_of(hash);
  const std::uint64_t tag = tag_of(hash);
  // The newest first: what is asked for twice was mostly sent a moment ago.
  for (std::size_t back = 0; back < tables_.size(); ++back) {
    const std::size_t number = (newest_ + tables_.size() - back) % tables_.size();
    const Table& table = tables_[number];
    if (table.used == 0) continue;
    for (std::size_t group = first;; group = (group + 1) % kTableGroups) {
      const std::uint64_t tags = table.tags[group];
      for (std::uint64_t same = places_of(tags, tag); same != 0; same &= same - 1) {
        const std::size_t slot = group * kGroupSlots + first_place(same);
        if (table.slots[slot].hash == hash) {
          return {hash, static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(slot)};
        }
      }
      if (places_of(tags, 0) != 0) break;
    }
  }
  return {};
}

IdWindow::Spot IdWindow::add(std::uint64_t hash) {
  if (tables_[newest_].used >= kTableIds) {
    newest_ = (newest_ + 1) % tables_.size();
    // Without their tags the slots count as empty.
    std::ranges::fill(tables_[newest_].tags, 0);
    tables_[newest_].used = 0;
  }
  Table& table = tables_[newest_];
  if (table.tags.empty()) {
    table.tags.resize(kTableGroups);
    table.slots.resize(kTableGroups * kGroupSlots);
  }
  std::size_t group = group_of(hash);
  while (places_of(table.tags[group], 0) == 0) group = (group + 1) % kTableGroups;
  const std::size_t place = first_place(places_of(table.tags[group], 0));
  ++table.used;
  table.tags[group] |= tag_of(hash) << (8 * place);
  const std::size_t slot = group * kGroupSlots + place;
  table.slots[slot] = {hash, 0};
  return {hash, static_cast<std::uint32_t>(newest_), static_cast<std::uint32_t>(slot)};
}

/// A search ends at a group that is not full: what stands in one that is must stay, or what was put
/// behind it would not be found.
void IdWindow::drop(const Spot& spot) {
  Table& table = tables_[spot.table];
  std::uint64_t& tags = table.tags[spot.slot / kGroupSlots];
  if (places_of(tags, 0) == 0) {
    at(spot).seq = kFree;
    return;
  }
  tags &= ~(std::uint64_t{0xFF} << (8 * (spot.slot % kGroupSlots)));
  --table.used;
}

IdWindow::Answer IdWindow::claim_hash(std::uint64_t hash) {
  Spot spot = find(hash);
  if (spot.hash == 0 || (at(spot).seq == kFree && spot.table != newest_)) {
    spot = add(hash);  // not where it was: that place is forgotten sooner
  } else if (at(spot).seq == kInFlight) {
    return {Claim::in_flight};
  } else if (at(spot).seq != kFree) {
    return {Claim::known, at(spot).seq, spot};
  }
  at(spot).seq = kInFlight;
  return {Claim::fresh, 0, spot};
}

void IdWindow::put_hash(std::uint64_t hash, std::uint64_t seq) {
  const Spot spot = find(hash);
  at(spot.hash == 0 ? add(hash) : spot).seq = seq;
}

/// As put_hash(), of what mostly stands where it was claimed: not when the table was emptied since.
void IdWindow::confirm_spot(const Spot& spot, std::uint64_t seq) {
  const std::uint64_t tags = tables_[spot.table].tags[spot.slot / kGroupSlots];
  const bool used = (tags >> (8 * (spot.slot % kGroupSlots)) & 0xFF) != 0;
  if (used && at(spot).hash == spot.hash) {
    at(spot).seq = seq;
  } else {
    put_hash(spot.hash, seq);
  }
}

/// Asks for the memory that a search of `hash` will need.
void IdWindow::fetch(std::uint64_t hash) const {
  const std::size_t group = group_of(hash);
  for (std::size_t number = 0; number < tables_.size(); ++number) {
    const Table& table = tables_[number];
    if (table.tags.empty()) continue;
    __builtin_prefetch(&table.tags[group]);
    if (number == newest_) __builtin_prefetch(&table.slots[group * kGroupSlots], 1);
  }
}

/// `apply(i)` for each of `count`, with its memory on the way; others get the lock in between.
template <class Fetch, class Apply>
void IdWindow::in_turns(std::size_t count, Fetch&& fetch, Apply&& apply) {
  for (std::size_t begin = 0; begin < count; begin += kTurnIds) {
    const std::size_t end = std::min(count, begin + kTurnIds);
    const std::lock_guard lock(mutex_);
    for (std::size_t i = begin; i < std::min(end, begin + kAhead); ++i) fetch(i);
    for (std::size_t i = begin; i < end; ++i) {
      if (i + kAhead < end) fetch(i + kAhead);
      apply(i);
    }
  }
}

IdWindow::Answer IdWindow::claim(std::string_view id) {
  const std::uint64_t hash = hash_of(id);
  const std::lock_guard lock(mutex_);
  return claim_hash(hash);
}

std::vector<IdWindow::Answer> IdWindow::claim_all(std::span<const std::string_view> ids) {
  std::vector<std::uint64_t> hashes;
  hashes.reserve(ids.size());
  for (const std::string_view id : ids) hashes.push_back(hash_of(id));
  std::vector<Answer> out(ids.size());
  in_turns(
      ids.size(), [&](std::size_t i) { fetch(hashes[i]); },
      [&](std::size_t i) { out[i] = claim_hash(hashes[i]); });
  return out;
}

void IdWindow::confirm(std::string_view id, std::uint64_t seq) { put(id, seq); }

void IdWindow::confirm_all(std::span<const Place> places) {
  const auto fetch_spot = [&](std::size_t i) {
    const Spot& spot = places[i].spot;
    __builtin_prefetch(&tables_[spot.table].slots[spot.slot], 1);
  };
  in_turns(places.size(), fetch_spot,
           [&](std::size_t i) { confirm_spot(places[i].spot, places[i].seq); });
}

void IdWindow::put(std::string_view id, std::uint64_t seq) {
  const std::uint64_t hash = hash_of(id);
  const std::lock_guard lock(mutex_);
  put_hash(hash, seq);
}

void IdWindow::put_all(std::span<const Known> ids) {
  std::vector<std::uint64_t> hashes;
  hashes.reserve(ids.size());
  for (const Known& known : ids) hashes.push_back(hash_of(known.id));
  in_turns(
      ids.size(), [&](std::size_t i) { fetch(hashes[i]); },
      [&](std::size_t i) { put_hash(hashes[i], ids[i].seq); });
}

void IdWindow::release(std::string_view id) {
  const std::uint64_t hash = hash_of(id);
  const std::lock_guard lock(mutex_);
  if (const Spot spot = find(hash); spot.hash != 0) drop(spot);
}

void IdWindow::take_over(std::string_view id) { put(id, kInFlight); }

}  // namespace tally::server
