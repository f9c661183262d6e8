// SPDX-License-Identifier: Apache-2.0
#include "server/id_window.h"

#include "base/limits.h"

#include <algorithm>
#include <cstring>

namespace tally::server {
namespace {

/// Ids of one table, and its slots: three of eight stay empty, so that a search is short.
constexpr std::size_t kTableIds = kIdWindowEvents / 4;
constexpr std::size_t kTableSlots = kTableIds * 8 / 5;
/// Ids that are looked up under one lock: some 10 us.
constexpr std::size_t kTurnIds = 512;

std::uint64_t mix(std::uint64_t x) {  // splitmix64
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

std::size_t slot_of(std::uint64_t hash, std::size_t slots) {
  return static_cast<std::size_t>(((hash >> 32) * slots) >> 32);
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

IdWindow::Slot* IdWindow::find(std::uint64_t hash) {
  // The newest first: what is confirmed was claimed a moment ago.
  for (std::size_t back = 0; back < tables_.size(); ++back) {
    Table& table = tables_[(newest_ + tables_.size() - back) % tables_.size()];
    if (table.slots.empty()) continue;
    for (std::size_t at = slot_of(hash, table.slots.size());; at = (at + 1) % table.slots.size()) {
      Slot& slot = table.slots[at];
      if (slot.hash == 0) break;
      if (slot.hash == hash) return &slot;
    }
  }
  return nullptr;
}

IdWindow::Slot& IdWindow::add(std::uint64_t hash) {
  if (tables_[newest_].used >= kTableIds) {
    newest_ = (newest_ + 1) % tables_.size();
    tables_[newest_] = Table();
  }
  Table& table = tables_[newest_];
  if (table.slots.empty()) table.slots.resize(kTableSlots);
  std::size_t at = slot_of(hash, table.slots.size());
  while (table.slots[at].hash != 0) at = (at + 1) % table.slots.size();
  ++table.used;
  table.slots[at] = {hash, 0};
  return table.slots[at];
}

IdWindow::Answer IdWindow::claim_hash(std::uint64_t hash) {
  Slot* slot = find(hash);
  if (slot == nullptr) {
    slot = &add(hash);
  } else if (slot->seq == kInFlight) {
    return {Claim::in_flight};
  } else if (slot->seq != kFree) {
    return {Claim::known, slot->seq};
  }
  slot->seq = kInFlight;
  return {Claim::fresh};
}

void IdWindow::put_hash(std::uint64_t hash, std::uint64_t seq) {
  Slot* const slot = find(hash);
  (slot == nullptr ? add(hash) : *slot).seq = seq;
}

/// Asks for the memory that find() will look at.
void IdWindow::fetch(std::uint64_t hash) const {
  for (const Table& table : tables_) {
    if (!table.slots.empty()) {
      __builtin_prefetch(&table.slots[slot_of(hash, table.slots.size())], 1);
    }
  }
}

/// `apply(place)` for each hash, with its memory on the way; others get the lock in between.
template <class Apply>
void IdWindow::each(std::span<const std::uint64_t> hashes, Apply&& apply) {
  constexpr std::size_t kAhead = 8;
  for (std::size_t begin = 0; begin < hashes.size(); begin += kTurnIds) {
    const std::size_t end = std::min(hashes.size(), begin + kTurnIds);
    const std::lock_guard lock(mutex_);
    for (std::size_t i = begin; i < std::min(end, begin + kAhead); ++i) fetch(hashes[i]);
    for (std::size_t i = begin; i < end; ++i) {
      if (i + kAhead < end) fetch(hashes[i + kAhead]);
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
  each(hashes, [&](std::size_t i) { out[i] = claim_hash(hashes[i]); });
  return out;
}

void IdWindow::confirm(std::string_view id, std::uint64_t seq) { put(id, seq); }

void IdWindow::confirm_all(std::span<const Place> places) {
  std::vector<std::uint64_t> hashes;
  hashes.reserve(places.size());
  for (const Place& place : places) hashes.push_back(hash_of(place.id));
  each(hashes, [&](std::size_t i) { put_hash(hashes[i], places[i].seq); });
}

void IdWindow::put(std::string_view id, std::uint64_t seq) {
  const std::uint64_t hash = hash_of(id);
  const std::lock_guard lock(mutex_);
  put_hash(hash, seq);
}

void IdWindow::release(std::string_view id) { put(id, kFree); }

void IdWindow::take_over(std::string_view id) { put(id, kInFlight); }

}  // namespace tally::server
