// SPDX-License-Identifier: Apache-2.0
// The part of a query that the index answers, where there is one and it pays.
#pragma once

#include "base/result.h"
#include "index/expression.h"
#include "index/index.h"
#include "log/head.h"
#include "storage/file_system.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tally::cli {

/// Entries [0, size()) of a log, of which the index knows which match. Not thread-safe.
class IndexedPart {
 public:
  /// nullopt when there is no index, or none of this log as it is now: then a scan does it all.
  [[nodiscard]] static std::optional<IndexedPart> open(storage::FileSystem& fs,
                                                       const std::string& log_directory,
                                                       const log::Head& head,
                                                       const index::Expression& expression);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Whether so few entries match that reading them one by one is faster than reading all.
  [[nodiscard]] bool pays() const;
  /// How many match; nullopt when lines would have to be read to say.
  [[nodiscard]] std::optional<std::uint64_t> count() const;

  /// Calls `visit` with every line that matches, in the order of the log or against it; false ends
  /// it. Errors: those of reading the log.
  using Visitor = std::function<bool(LeafIndex seq, std::string_view line)>;
  [[nodiscard]] Result<void> each(bool oldest_first, const Visitor& visit) const;

 private:
  IndexedPart(std::unique_ptr<index::Index> opened, index::Filter filter, std::uint64_t size)
      : index_(std::move(opened)), filter_(std::move(filter)), size_(size) {}
  std::unique_ptr<index::Index> index_;
  index::Filter filter_;
  std::uint64_t size_;
};

}  // namespace tally::cli
