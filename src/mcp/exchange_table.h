// SPDX-License-Identifier: Apache-2.0
// Open requests of one connection: what pairs a response, a cancellation or a progress report with
// its request.
#pragma once

#include "base/limits.h"
#include "mcp/types.h"
#include "mcp/version_tracker.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tally::mcp {

/// Whatever the keeper of the record wants back when the exchange ends; opaque here.
struct Attachment {
  virtual ~Attachment() = default;
  [[nodiscard]] virtual std::size_t bytes() const = 0;
};

/// One request that has no outcome yet.
struct Exchange {
  Direction direction = Direction::c2s;  ///< of the request
  std::string id;                        ///< raw text; see pairing_id()
  /// Ids are unique only within it: a session or an HTTP exchange; 0 where the connection is all
  /// there is.
  std::uint64_t scope = 0;
  /// The HTTP exchange that carried the request; 0: none. A response in the same one is its own,
  /// whatever else uses its id.
  std::uint64_t origin = 0;
  std::string method;
  Moment started{};
  MessageVersion version;
  std::string interaction_id;
  std::string flow_id;         ///< empty: part of no chain that is known
  std::string progress_token;  ///< raw text; empty: none asked for
  bool staged = false;         ///< it has an initiated record
  std::uint64_t serial = 0;    ///< given by open(); rises
  /// Another request with the same id was open at the same time, so which response is whose is a
  /// guess: the first response is given to the first request.
  bool ambiguous = false;
  std::optional<Moment> cancelled;
  /// The stream that the response should have come on ended; it may still come on another one.
  std::optional<Moment> lost;
  std::uint64_t progress = 0;  ///< progress notifications seen
  std::unique_ptr<Attachment> attachment;
};

/// JSON text by which an id or progress token is kept: the raw text, or for one longer than
/// kIdBytesMax a string with its length and a checksum, so that hostile ids cost no memory.
std::string pairing_id(std::string_view raw_id);
/// The same without a copy of an id that is kept as it is, as most are; else in `buffer`.
std::string_view pairing_id(std::string_view raw_id, std::string& buffer);

struct ExchangeLimits {
  std::size_t count_max = kPendingMax;
  std::size_t bytes_max = kPendingBytesMax;
  std::chrono::nanoseconds age_max = kPendingAgeMax;
  /// How long the response to a cancelled request may still come.
  std::chrono::nanoseconds cancel_grace = kCancelGrace;
  /// How long the response to one whose stream was lost may still come.
  std::chrono::nanoseconds lost_grace = kResumeGrace;
};

/// Bounded table of open exchanges in the order of their start. Not thread-safe.
class ExchangeTable {
 public:
  explicit ExchangeTable(ExchangeLimits limits = {}) : limits_(limits) {}

  /// Adds an exchange (complete, attachment included); `ambiguous` is set in it and its namesakes
  /// when the id is in use. The reference is valid until the next call that removes exchanges. Call
  /// overflow() afterwards.
  Exchange& open(Exchange&& exchange);
  /// Exchanges removed because the table is over its limits, oldest first.
  [[nodiscard]] std::vector<Exchange> overflow();

  /// Removes the exchange with this id whose request went in `direction`: the oldest that `origin`
  /// carried, else the oldest.
  [[nodiscard]] std::optional<Exchange> close(Direction direction, std::string_view raw_id,
                                              std::uint64_t scope = 0, std::uint64_t origin = 0);
  /// Removes one by its serial.
  [[nodiscard]] std::optional<Exchange> close_serial(std::uint64_t serial);
  /// Removes all of a scope, oldest first. Looks at every open exchange.
  [[nodiscard]] std::vector<Exchange> close_scope(std::uint64_t scope);
  /// Removes all, or all of one direction, oldest first.
  [[nodiscard]] std::vector<Exchange> close_all(std::optional<Direction> direction = std::nullopt);
  /// Removes those that are too old, and the cancelled and lost ones whose grace has passed.
  [[nodiscard]] std::vector<Exchange> expire(MonoTime now);

  /// nullptr when there is none. Valid as long as the exchange is in the table.
  [[nodiscard]] Exchange* find(Direction direction, std::string_view raw_id,
                               std::uint64_t scope = 0);
  [[nodiscard]] Exchange* find_serial(std::uint64_t serial);
  /// Notes that the sender of the request no longer wants it. False when that was known.
  bool cancel(Exchange& exchange, Moment now);
  /// Notes that the stream of its response is gone.
  void lose(Exchange& exchange, Moment now);
  /// Takes a cancellation back that never reached the other side.
  void withdraw_cancel(std::uint64_t serial);
  /// Counts a progress notification for a request that went in `direction`; nullptr when nothing
  /// asked for it.
  Exchange* progress(Direction direction, std::string_view raw_token, std::uint64_t scope = 0);
  [[nodiscard]] std::size_t size() const { return order_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Slot {
    Exchange exchange;
    std::size_t bytes = 0;
    std::optional<std::list<Slot>::iterator> next_same, previous_same;  // same key, later, earlier
  };
  using Iterator = std::list<Slot>::iterator;
  /// By what an id is found: whose it is, and its pairing_id().
  template <class Text>
  struct BasicKey {
    Direction direction = Direction::c2s;
    std::uint64_t scope = 0;
    Text id;
  };
  using Key = BasicKey<std::string>;
  using KeyView = BasicKey<std::string_view>;
  struct KeyHash {
    using is_transparent = void;
    // Not noexcept: then the table keeps the hash of each key, and asks for it once.
    template <class Text>
    std::size_t operator()(const BasicKey<Text>& key) const {
      const auto side = static_cast<std::size_t>(key.direction);
      return std::hash<std::string_view>{}(key.id) ^
             ((2 * static_cast<std::size_t>(key.scope) + side) * 0x9E3779B97F4A7C15U);
    }
  };
  struct KeyEqual {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const BasicKey<A>& a, const BasicKey<B>& b) const {
      return a.scope == b.scope && a.direction == b.direction &&
             std::string_view(a.id) == std::string_view(b.id);
    }
  };
  struct Chain {
    Iterator first, last;
  };
  struct Deadline {
    std::uint64_t serial;
    MonoTime at;
  };

  void take_due(std::deque<Deadline>& deadlines, std::optional<Moment> Exchange::*mark,
                MonoTime now, std::vector<Exchange>& out);
  static std::optional<Iterator> carried_by(const Chain& chain, std::uint64_t origin);
  Iterator append(Exchange&& exchange);
  std::pair<Chain*, bool> chain_for(Iterator at);
  void index_serial(Iterator at);
  using ById = std::unordered_map<Key, Chain, KeyHash, KeyEqual>;
  std::optional<Exchange> remove(Iterator at);
  /// The same when it is known where its namesakes are.
  std::optional<Exchange> remove(Iterator at, ById::iterator chain);
  void unlink(Iterator at, ById::iterator chain);

  using BySerial = std::unordered_map<std::uint64_t, Iterator>;

  ExchangeLimits limits_;
  std::list<Slot> order_;
  ById by_id_;
  std::unordered_map<Key, Iterator, KeyHash, KeyEqual> by_token_;
  BySerial by_serial_;
  // What the containers were given for exchanges that ended, for the next ones: a few of each.
  std::list<Slot> spare_slots_;
  std::vector<ById::node_type> spare_ids_;
  std::vector<BySerial::node_type> spare_serials_;
  std::deque<Deadline> cancelled_, lost_;  // in the order of their deadlines
  std::uint64_t next_serial_ = 1;
  std::size_t bytes_ = 0;
};

}  // namespace tally::mcp
