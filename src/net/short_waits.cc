// SPDX-License-Identifier: Apache-2.0
#include "net/short_waits.h"

#include "base/limits.h"

#include <algorithm>
#include <bit>

namespace tally::net {
namespace {

/// Of the last sixteen. Half of them is not enough: that is a client that thinks between calls to
/// an upstream that answers at once, and each of its pauses would be looked through in vain.
constexpr int kShortOnes = 12;
/// Of the last rest one part in so many is forgotten with each find. Where a program computes all
/// the time there are some hundred finds between two gaps, so that rests become longer; where only
/// our own threads are in the way there are many hundreds.
constexpr int kFindsToForget = 256;

}  // namespace

bool ShortWaits::worth_looking(MonoTime now) const {
  return std::popcount(recent_) >= kShortOnes && now >= resting_until_;
}

void ShortWaits::ended(MonoTime begin, MonoTime end, std::size_t events) {
  const bool is_short = end - begin <= kShortWait && events <= kLookEvents;
  recent_ = static_cast<std::uint16_t>((recent_ << 1U) | (is_short ? 1U : 0U));
}

/// Twice the last rest: our own threads take a processor for some milliseconds now and then, which
/// is soon forgotten; a program that computes all the time does it after every rest.
bool ShortWaits::gave_way(MonoTime last, MonoTime now) {
  if (now - last < kLookGap) return false;
  rest_ = std::clamp<std::chrono::nanoseconds>(2 * rest_, kLookRestMin, kLookRestMax);
  resting_until_ = now + rest_;
  return true;
}

void ShortWaits::found() { rest_ -= rest_ / kFindsToForget; }

}  // namespace tally::net
