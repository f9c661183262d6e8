// SPDX-License-Identifier: Apache-2.0
// Names of tools over all upstreams: one name at two servers is how a server gets the calls that
// are meant for another (tool shadowing), because most clients know tools by name alone.
#pragma once

#include "base/limits.h"

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tally::record {

/// One for all upstreams of a process. Thread-safe. Bounded: when it is full, or a quarter of it is
/// one server's, further names are not known.
class ToolNames {
 public:
  explicit ToolNames(std::size_t names_max = kToolNamesMax) : names_max_(names_max) {}

  /// Who served this name before.
  struct Other {
    std::string server;
    bool same_definition = false;
  };
  /// `place` (of the upstream, whatever it calls itself), known as `server`, lists a tool. Says who
  /// had it first when that is another place, once for each name and place.
  [[nodiscard]] std::optional<Other> served(const std::string& place, std::string_view server,
                                            const std::string& name, std::string_view digest);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    std::string place, server, digest;
    std::vector<std::string> told;  // places; at most kToldMax
  };
  static constexpr std::size_t kToldMax = 8;

  std::size_t names_max_;
  mutable std::mutex mutex_;  // guards what follows
  std::unordered_map<std::string, Entry> entries_;
  std::unordered_map<std::string, std::size_t> names_of_;  // by place
};

}  // namespace tally::record
