// SPDX-License-Identifier: Apache-2.0
// Memory of entries that are in the log, for those that come next.
#pragma once

#include "log/entry.h"

#include <cstddef>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace tally::server {

/// The text of an entry is made by one thread and was freed by another, which costs both more than
/// filling it. Keeps what fills a commit (kCommitBytesMax); of usual entries only, so that a few
/// large ones do not take all. Thread-safe.
class SpareTexts {
 public:
  /// Takes the memory of entries that nobody needs any more; their texts are gone.
  void give(std::span<log::EntryText> entries);
  /// Some texts of unknown content; none when there are none.
  [[nodiscard]] std::vector<std::string> take();

 private:
  std::mutex mutex_;  // guards what follows
  std::vector<std::vector<std::string>> kept_;
  std::size_t bytes_ = 0;  // of kept_
};

}  // namespace tally::server
