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
  /// `owner`: the principal that was given it; empty where there is only one.
  /// `call`: what was asked, for those who compare.
  void link(std::string_view key, std::string_view flow_id, std::string_view owner = {},
            std::string_view call = {});
  [[nodiscard]] std::optional<std::string> find(std::string_view key) const;
  /// Who was given it; nullopt when it is not known.
  [[nodiscard]] std::optional<std::string> owner(std::string_view key) const;
  /// One message brought it back.
  struct Use {
    bool known = false;
    std::size_t times = 0;  ///< this one included; 0 when it is not known
    std::string call;       ///< what was asked when it was given
  };
  Use use(std::string_view key);
  [[nodiscard]] std::size_t size() const { return links_.size(); }

 private:
  std::size_t links_max_;
  struct Link {
    std::string flow_id, owner, call;
    std::size_t uses = 0;
  };
  std::unordered_map<std::string, Link> links_;
  std::deque<std::string> order_;
};

}  // namespace tally::mcp
