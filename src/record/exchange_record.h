// SPDX-License-Identifier: Apache-2.0
// Records of one exchange: that it began, what came of it, or that nothing was seen to come of it.
#pragma once

#include "event/event.h"
#include "mcp/exchange_table.h"
#include "mcp/message.h"
#include "mcp/meta.h"
#include "mcp/outcome.h"
#include "record/carried.h"
#include "record/context.h"

#include <string_view>

namespace tally::record {

/// pending, initiated. `out` has nothing yet, here and below.
void initiated_record(event::Event& out, Context& context, const mcp::Exchange& exchange);

/// What a response adds beside its outcome.
struct ResponseParts {
  std::string flow_id;  ///< empty: none
  Members members;      ///< for details, made by whoever knows the method
  std::vector<event::Redaction> redactions;
  std::string result_preview;  ///< redacted
};

/// The record of a response. The exchange has ended with it: its interaction_id and its target go
/// into the record.
void completed_record(event::Event& out, Context& context, mcp::Exchange& exchange,
                      const mcp::Message& response, const mcp::Outcome& outcome,
                      ResponseParts parts, mcp::Moment when);

/// No response was seen, or the request was never passed on: unknown or denied, with the reason.
event::Event closed_record(Context& context, const mcp::Exchange& exchange,
                           event::EventResult result, std::string_view reason, mcp::Moment when);

/// What a task that failed says for people: the message of its error, else `status_message`;
/// redacted and cut. Empty: neither is there.
std::string task_error_text(const Context& context, const std::optional<json::Value>& error,
                            const std::optional<json::Value>& status_message,
                            std::vector<event::Redaction>& redactions);

/// Result of an outcome by its layers (contract 1).
event::EventResult result_of(const mcp::Outcome& outcome);
/// Result of an HTTP status alone (contract 1); success below 400 and for 0, none.
event::EventResult result_of_status(int http_status);
/// Of what the message says and what the HTTP status says: success needs all layers.
event::EventResult worse(event::EventResult message, event::EventResult http);
/// details.outcome; `http_status` 0: none.
std::string outcome_json(const mcp::Outcome& outcome, int http_status = 0);
/// The members of that.
void write_outcome(Members& members, const mcp::Outcome& outcome, int http_status);

}  // namespace tally::record
