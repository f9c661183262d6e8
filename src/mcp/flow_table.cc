// SPDX-License-Identifier: Apache-2.0
#include "mcp/flow_table.h"

namespace tally::mcp {

void FlowTable::link(std::string_view key, std::string_view flow_id) {
  const auto [at, fresh] = links_.insert_or_assign(std::string(key), std::string(flow_id));
  if (!fresh) return;
  order_.push_back(at->first);
  if (links_.size() <= links_max_) return;
  links_.erase(order_.front());
  order_.pop_front();
}

std::optional<std::string> FlowTable::find(std::string_view key) const {
  const auto at = links_.find(std::string(key));
  if (at == links_.end()) return std::nullopt;
  return at->second;
}

}  // namespace tally::mcp
