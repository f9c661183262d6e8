// SPDX-License-Identifier: Apache-2.0
// One entry with its hashes, its proof, and the files that third-party verifiers read.
#pragma once

#include "server/reading.h"

namespace tally::server {

/// GET /api/audit/logs/{event_id}: the newest entry with this id, with its leaf hashes. On a
/// worker; by the index, and through what that does not have yet for at most kSearchTime.
void answer_entry(const Reading& reading, const Request& request, const Reply& reply);

/// GET /api/audit/proofs/{seq}: a c2sp.org/tlog-proof. On a worker.
void answer_proof(const Reading& reading, const Request& request, const Reply& reply);

/// GET /log/checkpoint and /log/tile/…: C2SP tlog-tiles. On a worker. Entry bundles only for tokens
/// without a scope.
void answer_checkpoint(const Reading& reading, const Request& request, const Reply& reply);
void answer_tile(const Reading& reading, const Request& request, const Reply& reply);

/// What a path below /log/tile/ names.
struct TilePath {
  bool entries = false;
  unsigned level = 0;  ///< of a hash tile
  std::uint64_t index = 0;
  unsigned width = 256;  ///< 1 to 255 for a partial one (".p/W")
  friend bool operator==(const TilePath&, const TilePath&) = default;
};
/// "0/x001/234", "entries/067.p/12" (C2SP tlog-tiles, "Merkle Tree"); nullopt for anything that is
/// not exactly of that form.
[[nodiscard]] std::optional<TilePath> parse_tile_path(std::string_view path);

}  // namespace tally::server
