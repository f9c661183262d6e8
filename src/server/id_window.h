// SPDX-License-Identifier: Apache-2.0
// Ids of the events that came lately, so that what a client sends twice is written once.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tally::server {

/// Remembers at least the last kIdWindowEvents ids that were put in, 17 bytes each; older ones are
/// forgotten by the quarter. Keeps a keyed 64-bit hash of an id, so whoever is told of a duplicate
/// looks into the log whether it is one. Thread-safe.
class IdWindow {
 public:
  /// `key`: random, so that nobody can choose ids that collide.
  explicit IdWindow(std::uint64_t key) : key_(key | 1) {}

  enum class Claim : std::uint8_t {
    fresh,      ///< not seen; it is the caller's now, who must confirm() or release() it
    known,      ///< in the log already, at `seq`
    in_flight,  ///< somebody else has claimed it
  };
  /// Where an id that was claimed stands, so that it need not be looked for again.
  struct Spot {
    std::uint64_t hash = 0;  ///< 0: nowhere
    std::uint32_t table = 0, slot = 0;
  };
  struct Answer {
    Claim claim = Claim::fresh;
    std::uint64_t seq = 0;
    Spot spot{};
  };
  [[nodiscard]] Answer claim(std::string_view id);
  /// The same for many, in their order. Most of what a single one takes is waiting for memory;
  /// here the waits overlap.
  [[nodiscard]] std::vector<Answer> claim_all(std::span<const std::string_view> ids);
  /// It is in the log now.
  void confirm(std::string_view id, std::uint64_t seq);
  struct Place {
    Spot spot;  ///< from the answer to its claim
    std::uint64_t seq;
  };
  void confirm_all(std::span<const Place> places);
  /// It did not get into the log; its place is free again, but for some that are kept.
  void release(std::string_view id);
  /// Takes over an id that turned out to be another one with the same hash: as if fresh.
  void take_over(std::string_view id);
  /// For rebuilding: from the log, in any order.
  void put(std::string_view id, std::uint64_t seq);
  struct Known {
    std::string_view id;
    std::uint64_t seq;
  };
  /// The same for many.
  void put_all(std::span<const Known> ids);

 private:
  static constexpr std::uint64_t kInFlight = ~std::uint64_t{0};
  static constexpr std::uint64_t kFree = ~std::uint64_t{0} - 1;
  struct Slot {
    std::uint64_t hash = 0;
    std::uint64_t seq = 0;
  };
  /// Open addressing in groups of eight. A byte of each hash stands apart: most ids are new, and
  /// these bytes, which stay in the cache, say so in each table without a look at its slots.
  struct Table {
    std::vector<Slot> slots;
    std::vector<std::uint64_t> tags;  // a byte for each slot of a group; 0: empty
    std::size_t used = 0;
  };
  [[nodiscard]] std::uint64_t hash_of(std::string_view id) const;
  [[nodiscard]] Spot find(std::uint64_t hash) const;
  [[nodiscard]] Spot add(std::uint64_t hash);
  void drop(const Spot& spot);
  void fetch(std::uint64_t hash) const;
  [[nodiscard]] Slot& at(const Spot& spot) { return tables_[spot.table].slots[spot.slot]; }
  Answer claim_hash(std::uint64_t hash);
  void put_hash(std::uint64_t hash, std::uint64_t seq);
  void confirm_spot(const Spot& spot, std::uint64_t seq);
  template <class Fetch, class Apply>
  void in_turns(std::size_t count, Fetch&& fetch, Apply&& apply);

  const std::uint64_t key_;
  std::mutex mutex_;             // guards what follows
  std::array<Table, 5> tables_;  // tables_[newest_] is filled, the others are older
  std::size_t newest_ = 0;
};

}  // namespace tally::server
