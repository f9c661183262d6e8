// SPDX-License-Identifier: Apache-2.0
// What a subscription asked for (2026-07-28, subscriptions/listen): a server may send nothing else
// on it, because the client did not say that it can take it.
#pragma once

#include "base/json.h"
#include "mcp/message.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::record {

class ListenFilter {
 public:
  /// Of the request's params.notifications. nullopt when that is no object, or names more resources
  /// or tasks than are kept: then nothing is said about what comes.
  [[nodiscard]] static std::optional<ListenFilter> of(const mcp::Message& request);

  /// Whether filters are about notifications of this method: they come on subscriptions only.
  [[nodiscard]] static bool is_about(std::string_view method);
  /// Whether it asked for this notification; also true for those that no filter is about. Of a
  /// resource, one below it counts.
  [[nodiscard]] bool asks_for(const mcp::Message& notification) const;
  [[nodiscard]] std::size_t bytes() const;

 private:
  bool tools_ = false, prompts_ = false, resources_ = false;
  std::vector<std::string> uris_, tasks_;
};

}  // namespace tally::record
