// SPDX-License-Identifier: Apache-2.0
// The idle connections to one upstream of all loops: each loop uses only its own, but the upstream
// counts them together.
#pragma once

#include "net/loop.h"
#include "proxy/upstream_pool.h"

#include <atomic>
#include <cstddef>
#include <vector>

namespace tally::proxy {

/// One for each upstream, in front of the pools of the loops. Thread-safe once all pools are known.
/// A connection cannot leave its loop, so a request on another loop makes a new one; an upstream
/// that serves only so many at once would not take it up before the idle one's time ends.
class UpstreamPools {
 public:
  /// `places`: connections that the upstream may have, idle ones included.
  explicit UpstreamPools(std::size_t places) : places_(places) {}

  /// Before the loops run. Both must outlive the time in which they do.
  void add(UpstreamPool& pool, net::Loop& loop) { pools_.push_back({&pool, &loop}); }
  /// Somebody is going to connect, and this many use a connection or are about to, itself included.
  /// If there are more than places with the idle ones, one of these is closed soon, on its loop.
  void make_room(std::size_t in_use) const;
  /// From now on it may have so many.
  void resize(std::size_t places) { places_.store(places, std::memory_order_relaxed); }

 private:
  struct Member {
    UpstreamPool* pool;
    net::Loop* loop;
  };
  std::atomic<std::size_t> places_;
  std::vector<Member> pools_;
};

}  // namespace tally::proxy
