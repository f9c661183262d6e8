// SPDX-License-Identifier: Apache-2.0
// Connections to one upstream that wait for another request.
#pragma once

#include "net/stream.h"
#include "proxy/graveyard.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace tally::proxy {

/// Belongs to one loop's thread. A connection stays for its own time, and leaves when the other
/// side closes it or says something nobody asked for.
class UpstreamPool {
 public:
  /// Keeps `idle_max` connections.
  UpstreamPool(net::Loop& loop, Graveyard& graveyard, std::size_t idle_max);
  ~UpstreamPool();
  UpstreamPool(const UpstreamPool&) = delete;
  UpstreamPool& operator=(const UpstreamPool&) = delete;

  /// The connection used last that is still good; null when there is none.
  [[nodiscard]] std::unique_ptr<net::Stream> take();
  /// For another request within `idle`; closed at once when that is no time, or there are enough.
  void put(std::unique_ptr<net::Stream> stream, std::chrono::milliseconds idle);
  void close_all();
  [[nodiscard]] std::size_t size() const { return idle_.size(); }

 private:
  class Idle;
  void discard(Idle& idle);

  net::Loop& loop_;
  Graveyard& graveyard_;
  std::size_t idle_max_;
  std::vector<std::unique_ptr<Idle>> idle_;
};

}  // namespace tally::proxy
