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

/// Remembers at least the last kIdWindowEvents ids that were put in, 16 bytes each; older ones are
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
  struct Answer {
    Claim claim = Claim::fresh;
    std::uint64_t seq = 0;
  };
  [[nodiscard]] Answer claim(std::string_view id);
  /// The same for many, in their order. Most of what a single one takes is waiting for memory;
  /// here the waits overlap.
  [[nodiscard]] std::vector<Answer> claim_all(std::span<const std::string_view> ids);
  /// It is in the log now.
  void confirm(std::string_view id, std::uint64_t seq);
  struct Place {
    std::string_view id;
    std::uint64_t seq;
  };
  void confirm_all(std::span<const Place> places);
  /// It did not get into the log.
  void release(std::string_view id);
  /// Takes over an id that turned out to be another one with the same hash: as if fresh.
  void take_over(std::string_view id);
  /// For rebuilding: from the log, in any order.
  void put(std::string_view id, std::uint64_t seq);

 private:
  static constexpr std::uint64_t kInFlight = ~std::uint64_t{0};
  static constexpr std::uint64_t kFree = ~std::uint64_t{0} - 1;
  struct Slot {
    std::uint64_t hash = 0;  // 0: empty
    std::uint64_t seq = 0;
  };
  struct Table {
    std::vector<Slot> slots;
    std::size_t used = 0;
  };
  [[nodiscard]] std::uint64_t hash_of(std::string_view id) const;
  [[nodiscard]] Slot* find(std::uint64_t hash);
  Slot& add(std::uint64_t hash);
  Answer claim_hash(std::uint64_t hash);
  void put_hash(std::uint64_t hash, std::uint64_t seq);
  void fetch(std::uint64_t hash) const;
  template <class Apply>
  void each(std::span<const std::uint64_t> hashes, Apply&& apply);

  const std::uint64_t key_;
  std::mutex mutex_;             // guards what follows
  std::array<Table, 5> tables_;  // tables_[newest_] is filled, the others are older
  std::size_t newest_ = 0;
};

}  // namespace tally::server
