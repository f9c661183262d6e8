// SPDX-License-Identifier: Apache-2.0
// GET /api/audit/logs: entries by filters, page after page.
#pragma once

#include "server/reading.h"

namespace tally::server {

/// A page of entries, newest first by default, from the index; on a worker. An array, with the
/// cursors in Link and X-Next-Cursor; with envelope=true an object with items, next, prev, total
/// and head. Only entries of the token's servers, in items and in the total.
void answer_list(const Reading& reading, const std::shared_ptr<Request>& request,
                 const Reply& reply);

}  // namespace tally::server
