// SPDX-License-Identifier: Apache-2.0
// Messages against what the two sides declared that they can do.
#pragma once

#include "mcp/outcome.h"
#include "record/carried.h"
#include "record/context.h"

#include <string_view>

namespace tally::record {

/// initialize: what the client offers is kept until the server answers. `batched`: it stands in a
/// batch, where 2025-03-26 forbids it.
void note_offer(Context& context, mcp::Direction direction, mcp::Message& message, bool batched);

/// details.capability of a request or notification: "undeclared" where a side used what was not
/// declared (the first time in a conversation also a violation of the message); of requests of the
/// server also "declared", and "not_known" where the handshake was not seen. Empty: nothing to say.
[[nodiscard]] std::string_view check_capability(const Context& context, mcp::Direction direction,
                                                mcp::Message& message, mcp::Category category,
                                                const mcp::MessageVersion& version);

/// A result of 2026-07-28 that asks back or became a task, against what the request said that its
/// client can do, and what it asks for (check_elicitation()). Adds violations to the message.
void check_deferred(mcp::Message& message, mcp::OutcomeKind kind, const Carried& request);

/// Adds a string to what the records of a request carry.
void add_lead(Carried& carried, std::string_view name, std::string_view text);

}  // namespace tally::record
