// SPDX-License-Identifier: Apache-2.0
// Which chain a message continues: retries of input_required, tasks. Keys are keyed digests, never
// the handles.
#pragma once

#include "mcp/exchange_table.h"
#include "mcp/flow_table.h"
#include "mcp/message.h"
#include "mcp/meta.h"
#include "mcp/methods.h"
#include "mcp/outcome.h"
#include "record/carried.h"
#include "record/members.h"
#include "redact/keyed_digest.h"

#include <string>
#include <string_view>

namespace tally::record {

/// The chain that a request or notification continues: by its requestState, its taskId or the task
/// it says it belongs to; a retry without requestState by the same call asked again. Empty: none
/// that is known.
std::string flow_of(const mcp::FlowTable& flows, const redact::KeyedDigest& digest,
                    const mcp::Message& message, mcp::Category category, const mcp::Meta& meta,
                    std::string_view principal = {});

/// Whether the message brings a requestState or taskId that another principal than `principal` was
/// given (MCP, security best practices: state handle hijacking).
bool brings_foreign_handle(const mcp::FlowTable& flows, const redact::KeyedDigest& digest,
                           const mcp::Message& message, mcp::Category category,
                           std::string_view principal);

/// Members of details about the requestState that a request brings back: whether it was given out
/// here, how often it came back, and whether the same was asked (MCP 2026-07-28, "requestState
/// tampering and replay"). Empty: it brings none. `call`: retry_key() of the request; empty: not
/// compared.
std::string state_use(mcp::FlowTable& flows, const redact::KeyedDigest& digest,
                      const mcp::Message& message, std::string_view call);

/// What a retry that has no requestState is recognised by: who asks, method, name and arguments.
std::string retry_key(const redact::KeyedDigest& digest, const mcp::Message& message,
                      std::string_view principal = {});

/// Notes that the outcome of `exchange` comes later, so that what continues it finds the chain;
/// adds the digests of task and requestState to `members`. Returns the chain's id.
std::string defer(mcp::FlowTable& flows, const redact::KeyedDigest& digest,
                  const mcp::Exchange& exchange, const mcp::Message& response, Members& members);

}  // namespace tally::record
