// SPDX-License-Identifier: Apache-2.0
// What all operations that read the log have in common: who may see what, and that it is recorded.
#pragma once

#include "crypto/note_key.h"
#include "index/index.h"
#include "redact/keyed_digest.h"
#include "server/index_wait.h"
#include "server/log_readers.h"
#include "server/request.h"
#include "server/self_audit.h"
#include "server/work_pool.h"
#include "sink/entry_json.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tally::server {

/// All must outlive it.
struct Reading {
  LogReaders& readers;
  SelfAudit& audit;
  const Clock& clock;
  const redact::KeyedDigest& digest;
  const crypto::NoteVerifier& key;
  const index::Index& index;
  IndexWait& waiting;
  WorkPool& workers;
};

[[nodiscard]] Caller caller_of(const Request& request);

/// The parameters as a JSON object for the record of an access: secrets masked, a raw session id
/// replaced by its digest.
[[nodiscard]] std::string query_of(const Request& request, const redact::KeyedDigest& digest);

/// Whether a line is of the servers that the token is about.
[[nodiscard]] bool may_see(const access::Scope& scope, std::string_view line);

/// audit-log-access, durable before the answer. The answer to give instead when that cannot be.
[[nodiscard]] std::optional<Answer> not_recorded(const Reading& reading, const Request& request,
                                                 std::string_view operation, std::uint64_t count);

/// Records the read, whatever came of it, and then answers. `count`: entries that were seen.
void answer_read(const Reading& reading, const Request& request, const Reply& reply,
                 std::string_view operation, Result<Answer> answer, std::uint64_t count);

/// Does `then` on a worker, now or once the entry of the parameter wait_for can be found; answers
/// 503 when it does not come within kSearchTime. On a worker.
void when_found(const Reading& reading, const std::shared_ptr<Request>& request, const Reply& reply,
                std::function<void()> then);

/// A line as the API shows it.
using sink::append_entry;

/// Leaf hash of entry `seq` in hex, from the tree; empty for -1, the one before the first. Errors:
/// corrupt, io.
[[nodiscard]] Result<std::string> leaf_hex(LogReader& reader, std::int64_t seq);

}  // namespace tally::server
