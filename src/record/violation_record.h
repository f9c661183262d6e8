// SPDX-License-Identifier: Apache-2.0
// Records of what went against the protocol, and of what is no message at all.
#pragma once

#include "event/event.h"
#include "mcp/message.h"
#include "mcp/violation.h"
#include "record/context.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::record {

/// Where a message stood in its batch; absent for a message of its own.
struct BatchPlace {
  std::string id;
  std::size_t index = 0;
  std::size_t size = 0;
};
/// {"id":…,"index":…,"size":…}
std::string batch_json(const BatchPlace& place);

/// The protocol-violation record of one message. Says nothing of whether the message was passed on.
event::Event violation_record(Context& context, mcp::Direction direction,
                              const mcp::Message& message, std::string_view interaction_id,
                              const std::optional<BatchPlace>& batch, mcp::Moment when);

/// A frame, or an element of a batch, that is no JSON-RPC message.
struct Unparsed {
  mcp::Direction direction = mcp::Direction::c2s;
  const mcp::Message* message = nullptr;  ///< view of it; null for a line too long to look at
  std::string facts = {};                 ///< more members for details; empty: none
  std::optional<BatchPlace> batch = {};
  std::string interaction_id = {};  ///< shared by both stages
  bool payloads = true;             ///< policy: with a preview
};
event::Event unparsed_record(Context& context, const Unparsed& unparsed, event::EventResult result,
                             mcp::Moment when);

/// [{"kind":…,"where":…}, …]
std::string violations_json(const std::vector<mcp::Violation>& violations);

/// A response to a request that is not open.
event::Event unmatched_record(Context& context, mcp::Direction direction,
                              const mcp::Message& message, const std::optional<BatchPlace>& batch,
                              mcp::Moment when);

}  // namespace tally::record
