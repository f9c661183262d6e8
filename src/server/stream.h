// SPDX-License-Identifier: Apache-2.0
// GET /api/audit/stream: entries as they come, as server-sent events.
#pragma once

#include "server/live_tail.h"
#include "server/reading.h"

#include <memory>

namespace tally::server {

/// Begins behind the last entry, or behind that of Last-Event-ID (or last_event_id, which browsers
/// can set on the first request); in the order of the log, of the token's servers only. On a
/// worker. Each stream is one record, durable before its first byte. 503 with kStreamClientsMax
/// streams.
void answer_stream(const Reading& reading, const std::shared_ptr<LiveTail>& tail,
                   const Request& request, const Reply& reply);

}  // namespace tally::server
