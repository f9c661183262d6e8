// SPDX-License-Identifier: Apache-2.0
// Chains of interactions: which requests belong together because one continues the other.
#pragma once

#include "base/limits.h"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tally::mcp {

/// Maps what a later message repeats (the digest of a taskId or requestState, never the text
/// itself) to the chain it belongs to. Bounded: the oldest link is forgotten first. Not
/// thread-safe.
class FlowTable {
 public:
  explicit FlowTable(std::size_t links_max = kFlowLinksMax) : links_max_(links_max) {}

  /// From now on `key` leads to `flow_id`. A key that is known is led anew.
  void link(std::string_view key, std::string_view flow_id);
  [[nodiscard]] std::optional<std::string> find(std::string_view key) const;
  [[nodiscard]] std::size_t size() const { return links_.size(); }

 private:
  std::size_t links_max_;
  std::unordered_map<std::string, std::string> links_;
  std::deque<std::string> order_;
};

}  // namespace tally::mcp
