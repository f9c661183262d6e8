// SPDX-License-Identifier: Apache-2.0
#include "mcp/flow_table.h"

namespace tally::mcp {

void FlowTable::link(std::string_view key, std::string_view flow_id, std::string_view owner,
                     std::string_view call) {
  const auto [at, fresh] = links_.insert_or_assign(
      std::string(key), Link{std::string(flow_id), std::string(owner), std::string(call), 0});
  if (!fresh) return;
  order_.push_back(at->first);
  if (links_.size() <= links_max_) return;
  links_.erase(order_.front());
  order_.pop_front();
}

std::optional<std::string> FlowTable::find(std::string_view key) const {
  const auto at = links_.find(std::string(key));
  if (at == links_.end()) return std::nullopt;
  return at->second.flow_id;
}

std::optional<std::string> FlowTable::owner(std::string_view key) const {
  const auto at = links_.find(std::string(key));
  if (at == links_.end()) return std::nullopt;
  return at->second.owner;
}

FlowTable::Use FlowTable::use(std::string_view key) {
  const auto at = links_.find(std::string(key));
  if (at == links_.end()) return {};
  return {true, ++at->second.uses, at->second.call};
}

}  // namespace tally::mcp
