// SPDX-License-Identifier: Apache-2.0
// What the connections in front of one upstream share, as far as one loop serves them.
#pragma once

#include "base/clock.h"
#include "config/serve_config.h"
#include "net/loop.h"
#include "net/tls_context.h"
#include "proxy/activity.h"
#include "proxy/body_budget.h"
#include "proxy/graveyard.h"
#include "proxy/journal.h"
#include "proxy/shared_recorder.h"
#include "proxy/upstream_line.h"
#include "proxy/upstream_pool.h"
#include "proxy/upstream_pools.h"

#include <cstddef>
#include <memory>

namespace tally::proxy {

/// Settings that connections look up: some of them change while the service runs (Server::prepare),
/// all of those at once.
struct Terms {
  config::ProxyConfig proxy;
  config::LimitsConfig limits;
  config::Milliseconds write_timeout;  ///< changes only with a restart, as for events of the API
};

/// Belongs to one loop's thread. Everything referred to outlives it.
struct Gateway {
  net::Loop& loop;
  Graveyard& graveyard;
  Journal& journal;
  Activity& activity;        ///< of all loops
  std::size_t number;        ///< of this loop
  BodyBudget& budget;        ///< of the process
  SharedRecorder& recorder;  ///< of the upstream, as the line
  UpstreamLine& line;
  const UpstreamPools& pools;  ///< of the upstream, `pool` among them
  const Clock& clock;
  /// In force now. An exchange keeps those that it began with.
  std::shared_ptr<const Terms> terms;
  std::shared_ptr<const net::TlsContext> client_tls;    ///< towards clients; null: plain
  std::shared_ptr<const net::TlsContext> upstream_tls;  ///< null: plain
  std::size_t idle_max;                                 ///< connections in `pool`
  UpstreamPool pool{loop, graveyard, idle_max};
  bool draining = false;  ///< no request after those under way

  /// Nobody else uses the recorder while it lives.
  [[nodiscard]] RecorderTurn turn() { return {recorder, number}; }
};

}  // namespace tally::proxy
