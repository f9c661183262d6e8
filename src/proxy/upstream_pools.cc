// SPDX-License-Identifier: Apache-2.0
#include "proxy/upstream_pools.h"

namespace tally::proxy {

void UpstreamPools::make_room(std::size_t in_use) const {
  std::size_t idle = 0;
  std::size_t most = 0;
  const Member* largest = nullptr;
  for (const Member& member : pools_) {
    const std::size_t size = member.pool->size();
    idle += size;
    if (size <= most) continue;
    most = size;
    largest = &member;
  }
  if (largest == nullptr || in_use + idle <= places_.load(std::memory_order_relaxed)) return;
  largest->loop->post([pool = largest->pool] { pool->drop_oldest(); });
}

}  // namespace tally::proxy
