// SPDX-License-Identifier: Apache-2.0
#include "storage/process_state.h"

#include "storage/file_system.h"

namespace tally::storage {
namespace {
constexpr std::size_t kStatBytesMax = std::size_t{16} * 1024;  // about 400 in practice
}

std::string process_state(::pid_t pid) {
  const auto text =
      read_file(posix_file_system(), "/proc/" + std::to_string(pid) + "/stat", kStatBytesMax);
  if (text) return std::string(process_state_in(*text));
  return text.error().code == Errc::not_found ? "not running" : "unknown";
}

std::string_view process_state_in(std::string_view stat_text) {
  // The program's name stands in parentheses and may itself hold spaces and parentheses: the last
  // one counts.
  const std::size_t name_end = stat_text.rfind(") ");
  if (name_end == std::string_view::npos || name_end + 2 >= stat_text.size()) return "unknown";
  switch (stat_text[name_end + 2]) {
    case 'R': return "running";
    case 'S': return "sleeping";
    case 'D': return "waiting for the disk";
    case 'T': return "stopped";
    case 't': return "stopped by a debugger";
    case 'Z': return "dead (zombie)";
    case 'X': return "dead";
    case 'I': return "idle";
    default: return "unknown";
  }
}

}  // namespace tally::storage
