// SPDX-License-Identifier: Apache-2.0
// What the connections in front of one upstream share.
#pragma once

#include "base/clock.h"
#include "config/serve_config.h"
#include "net/loop.h"
#include "net/tls_context.h"
#include "proxy/body_budget.h"
#include "proxy/graveyard.h"
#include "proxy/journal.h"
#include "proxy/upstream_line.h"
#include "proxy/upstream_pool.h"
#include "record/http_recorder.h"

#include <memory>

namespace tally::proxy {

/// Belongs to one loop's thread. Everything referred to outlives it.
struct Gateway {
  net::Loop& loop;
  Graveyard& graveyard;
  Journal& journal;
  BodyBudget& budget;
  record::HttpRecorder& recorder;
  const Clock& clock;
  const config::ServeConfig& settings;
  const config::ProxyConfig& proxy;
  std::shared_ptr<const net::TlsContext> client_tls;    ///< towards clients; null: plain
  std::shared_ptr<const net::TlsContext> upstream_tls;  ///< null: plain
  UpstreamPool pool{loop, graveyard};
  UpstreamLine line{settings.limits.upstream_connections};
  bool draining = false;  ///< no request after those under way
};

}  // namespace tally::proxy
