// SPDX-License-Identifier: Apache-2.0
// What a format of an export does: a beginning, one entry after the other, an end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tally::sink {

/// One line of the log and what the tree says of it. Nothing here is a copy.
struct Entry {
  std::uint64_t seq = 0;
  std::string_view line;      ///< without LF
  std::string_view checksum;  ///< leaf hash, lower-case hex
  std::string_view previous;  ///< that of the entry before it in the log; empty for the first one
};

/// For one export, one thread. Appends; writes nothing itself. Never fails: a line that is no event
/// is exported as what it is.
class Exporter {
 public:
  virtual ~Exporter() = default;
  virtual void begin(std::string& out) { static_cast<void>(out); }
  virtual void entry(std::string& out, const Entry& entry) = 0;
  virtual void end(std::string& out) { static_cast<void>(out); }
};

}  // namespace tally::sink
