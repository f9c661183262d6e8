// SPDX-License-Identifier: Apache-2.0
// Connections to one upstream that wait for another request.
#pragma once

#include "net/stream.h"
#include "proxy/graveyard.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace tally::proxy {

/// Belongs to one loop's thread, but for size(). A connection stays for its own time, and leaves
/// when the other side closes it or says something nobody asked for.
class UpstreamPool {
 public:
  /// Keeps `idle_max` connections.
  UpstreamPool(net::Loop& loop, Graveyard& graveyard, std::size_t idle_max);
  ~UpstreamPool();
  UpstreamPool(const UpstreamPool&) = delete;
  UpstreamPool& operator=(const UpstreamPool&) = delete;

  /// One of the connections used last that is still good; null when there is none.
  [[nodiscard]] std::unique_ptr<net::Stream> take();
  /// For another request within `idle`; closed at once when that is no time, or there are enough.
  void put(std::unique_ptr<net::Stream> stream, std::chrono::milliseconds idle);
  /// Closes the one that was not used for the longest time, if there is any.
  void drop_oldest();
  void close_all();
  /// The upstream closed a connection soon after it was used, without having announced it. For a
  /// while take() asks the kernel about each.
  void beware() { to_ask_ = kAskedOnceBitten; }
  /// Any thread.
  [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  class Idle;
  /// Long enough that a client rarely meets an upstream that closes early twice.
  static constexpr std::size_t kAskedOnceBitten = 10'000;
  /// How many of those used last may be looked at for one that is known to be good.
  static constexpr std::size_t kLookedAt = 8;
  std::unique_ptr<net::Stream> take_from(std::size_t place);
  void discard(Idle& idle);
  void count() { size_.store(idle_.size(), std::memory_order_relaxed); }

  net::Loop& loop_;
  Graveyard& graveyard_;
  std::size_t idle_max_;
  std::vector<std::unique_ptr<Idle>> idle_;
  std::size_t to_ask_ = 0;  // connections still to be asked about before they are trusted again
  std::atomic<std::size_t> size_{0};  // of idle_
};

}  // namespace tally::proxy
