// SPDX-License-Identifier: Apache-2.0
// What the record of an outcome repeats of its request: kept with the open exchange until then.
#pragma once

#include "base/recycled.h"
#include "event/event.h"
#include "mcp/exchange_table.h"
#include "mcp/methods.h"
#include "policy/policy.h"
#include "record/listen_filter.h"
#include "record/party.h"
#include "record/target.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tally::record {

struct Carried final : mcp::Attachment, Recycled<Carried> {
  mcp::Category category = mcp::Category::unknown;
  policy::Level level = policy::Level::full;
  bool completed = true;  ///< policy wants a record of the outcome
  Target target;
  std::shared_ptr<const Party> party;  ///< how the request came; null: as all do
  std::string session_id;              ///< of the request, if its protocol has one
  std::string trace_id;
  std::string client;   ///< details.client
  std::string lead;     ///< members that say more about the message: batch, tool_definition
  std::string payload;  ///< members made from params
  std::vector<event::Redaction> redactions;
  std::optional<std::string> cursor;           ///< of a list
  std::string retry_key;                       ///< leads a retry without requestState to this chain
  std::string client_capabilities;             ///< as the request states them (2026-07-28)
  std::unique_ptr<const ListenFilter> filter;  ///< of a subscription

  [[nodiscard]] std::size_t bytes() const override {
    std::size_t sum = sizeof *this + target.type.size() + target.id.size() + target.name.size() +
                      trace_id.size() + client.size() + lead.size() + payload.size() +
                      retry_key.size() + client_capabilities.size() + session_id.size() +
                      (cursor ? cursor->size() : 0) + (filter ? filter->bytes() : 0);
    for (const event::Redaction& r : redactions) {
      sum += sizeof r + r.path.size() + r.rule.size() + r.action.size();
    }
    return sum;
  }
};

/// The attachment that a recorder gave this exchange.
inline Carried& carried_by(const mcp::Exchange& exchange) {
  return static_cast<Carried&>(*exchange.attachment);
}

}  // namespace tally::record
