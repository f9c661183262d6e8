// SPDX-License-Identifier: Apache-2.0
// Slows down whoever tries tokens: wrong ones are counted for each address.
#pragma once

#include "base/clock.h"

#include <chrono>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tally::access {

/// Counts wrong tokens within windows of kGuessWindow; at most kGuessAddressesMax addresses, of
/// which the one that was quiet longest is forgotten first. An IPv6 address counts as its /64,
/// because whoever has one has them all. Not thread-safe. wrong() is never asked about a valid
/// token, so it locks nobody out. may_check() is, before it is known what a token is: who has the
/// address of a flood (a NAT, a reverse proxy in front of us) competes with it for
/// may_check_late().
class GuessLimit {
 public:
  /// What to answer to a wrong token.
  struct Verdict {
    bool refuse = false;  ///< too many: 429
    std::chrono::seconds retry_after{0};
    bool first = false;       ///< the first one that is too many in this window: worth a record
    std::uint64_t wrong = 0;  ///< in this window, this one included
  };

  /// Notes one wrong token from `address` (an IP address as text).
  [[nodiscard]] Verdict wrong(std::string_view address, MonoTime now);
  /// Whether another token of this address may be looked at that costs a check of its signature:
  /// not after kWrongChecksMax in vain within kWrongCheckWindow.
  [[nodiscard]] bool may_check(std::string_view address, MonoTime now) const;
  /// Whether one is looked at although may_check() said no: one each kLateCheckPause, so that
  /// a right one that was not seen before gets in while others flood. True takes the turn.
  [[nodiscard]] bool may_check_late(std::string_view address, MonoTime now);
  /// Notes a signature that was checked and is wrong.
  void checked_in_vain(std::string_view address, MonoTime now);
  [[nodiscard]] std::size_t addresses() const { return by_address_.size(); }

 private:
  struct Entry {
    std::string network;
    MonoTime begin{};
    std::uint64_t count = 0;
    MonoTime checks_begin{};
    std::uint64_t checks = 0;
    MonoTime next_late{};
  };
  [[nodiscard]] Entry& entry_of(std::string_view address, MonoTime now);
  std::list<Entry> entries_;  // newest first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_address_;
};

/// What an address is counted as: itself, or the first 64 bits of an IPv6 address.
[[nodiscard]] std::string network_of(std::string_view address);

}  // namespace tally::access
