// SPDX-License-Identifier: Apache-2.0
// Names of the files of a log (docs/format/log.md, "Files").
#pragma once

#include "base/ordinal.h"
#include "base/result.h"
#include "storage/file_system.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::log {

/// Paths inside one log directory. A value; knows nothing of what exists.
class Layout {
 public:
  explicit Layout(std::string directory) : directory_(std::move(directory)) {}

  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] std::string info() const { return path("log.json"); }
  [[nodiscard]] std::string public_key() const { return path("key.pub"); }
  [[nodiscard]] std::string head() const { return path("head"); }
  [[nodiscard]] std::string lock() const { return path("lock"); }
  [[nodiscard]] std::string checkpoint() const { return path("checkpoint"); }
  [[nodiscard]] std::string checkpoints() const { return path("checkpoints"); }
  [[nodiscard]] std::string segments() const { return path("segments"); }
  [[nodiscard]] std::string tree() const { return path("tree"); }
  [[nodiscard]] std::string segment(LeafIndex first) const;
  [[nodiscard]] std::string tree_level(unsigned level) const;

 private:
  [[nodiscard]] std::string path(std::string_view name) const {
    return storage::join(directory_, name);
  }
  std::string directory_;
};

/// "00000000000000000042.jsonl": 20 digits, so that name order is number order.
std::string segment_name(LeafIndex first);
/// nullopt for any other name.
std::optional<LeafIndex> parse_segment_name(std::string_view name);
/// First sequence numbers of the segments that exist, rising. Unknown names in the folder are
/// `corrupt`, because every byte of a log is covered by verification; a temporary file of an
/// interrupted rewrite (".new") is skipped.
Result<std::vector<LeafIndex>> list_segments(storage::FileSystem& fs, const Layout& layout);

}  // namespace tally::log
