// SPDX-License-Identifier: Apache-2.0
// Bodies in the form of another system on their way into ingest, and the answers that it expects.
#pragma once

#include "base/result.h"
#include "dialect/dialect.h"
#include "server/answer.h"
#include "server/ingest_batch.h"
#include "server/ingest_body.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tally::server {

/// Of an operation that takes events; our own form for all others.
[[nodiscard]] dialect::Dialect dialect_of(const Request& request);

/// What ingest_form() is for our own events. Backstage: JSON, NDJSON, or plain text for lines of a
/// log. OTLP: JSON only. Errors: unsupported, saying what to send.
[[nodiscard]] Result<IngestForm> dialect_form(dialect::Dialect dialect, std::string_view media_type,
                                              std::string_view body);

struct ConvertedEvents {
  struct One {
    std::size_t index;         ///< element, line, or log record
    Result<std::string> text;  ///< for event::Ingest, or why it is refused
    std::string key{};         ///< the same for repetitions of one event; empty: nothing tells
  };
  std::vector<One> events;
  std::size_t ignored = 0;  ///< lines of a log that are no audit events
};

/// A body as events. Errors: as split_events() and OtlpReader::read(); too_large beyond
/// kConvertedBytesMax.
[[nodiscard]] Result<ConvertedEvents> convert_events(dialect::Dialect dialect, IngestForm form,
                                                     std::string_view body);

/// The answer once every item has its final state, as the sender's protocol has it. OTLP
/// (opentelemetry.io/docs/specs/otlp): 200 with {} or partialSuccess; 400 when every record was
/// refused; 503 when one may be sent again, because nothing else makes a sender do it.
[[nodiscard]] Answer dialect_answer(const IngestBatch& batch);

/// A request that was refused as a whole: for OTLP a google.rpc.Status in JSON, else `refusal`.
[[nodiscard]] Answer dialect_refusal(dialect::Dialect dialect, Answer refusal,
                                     std::string_view detail);

}  // namespace tally::server
