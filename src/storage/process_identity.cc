// SPDX-License-Identifier: Apache-2.0
#include "storage/process_identity.h"

#include "base/json_writer.h"
#include "storage/file_system.h"
#include "storage/process_state.h"

#include <array>
#include <charconv>
#include <unistd.h>

namespace tally::storage {
namespace {

constexpr std::size_t kProcBytesMax = std::size_t{16} * 1024;
/// Of the start time, counted from the state, which is the first behind the name.
constexpr int kFieldsToStart = 19;

std::string stat_text(std::int64_t pid) {
  const auto text =
      read_file(posix_file_system(), "/proc/" + std::to_string(pid) + "/stat", kProcBytesMax);
  return text ? *text : std::string();
}

std::string boot_id() {
  auto text = posix_file_system().boot_id();
  return text ? *text : std::string();
}

std::uint64_t pid_namespace() {
  const auto found = posix_file_system().stat("/proc/self/ns/pid");
  return found && *found ? (*found)->inode : 0;
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : std::string();
}

}  // namespace

std::uint64_t start_ticks_in(std::string_view stat_text) {
  const std::size_t name_end = stat_text.rfind(") ");
  if (name_end == std::string_view::npos) return 0;
  std::string_view rest = stat_text.substr(name_end + 2);
  for (int field = 0; field < kFieldsToStart; ++field) {
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos) return 0;
    rest.remove_prefix(space + 1);
  }
  std::uint64_t ticks = 0;
  const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), ticks);
  return read.ec == std::errc() ? ticks : 0;
}

std::string to_json(const ProcessIdentity& process) {
  std::string out;
  json::ObjectWriter writer(out);
  writer.raw("pid", std::to_string(process.pid));
  writer.raw("start_ticks", std::to_string(process.start_ticks));
  writer.string("boot_id", process.boot_id);
  writer.raw("pid_namespace", std::to_string(process.pid_namespace));
  writer.string("host", process.host);
  writer.end();
  return out;
}

ProcessIdentity own_process_identity() {
  const std::int64_t pid = ::getpid();
  return {pid, start_ticks_in(stat_text(pid)), boot_id(), pid_namespace(), host_name()};
}

Liveness liveness_of(const ProcessIdentity& process) {
  const ProcessIdentity here = own_process_identity();
  const bool known = process.pid > 0 && process.start_ticks != 0 && !process.boot_id.empty() &&
                     process.pid_namespace != 0 && here.start_ticks != 0 && !here.boot_id.empty();
  if (!known || process.host != here.host) return Liveness::unknown;
  // Host and container have names of their own, so this is the same one, started again.
  if (process.boot_id != here.boot_id) return Liveness::dead;
  if (process.pid_namespace != here.pid_namespace) return Liveness::unknown;
  const std::string stat = stat_text(process.pid);
  if (stat.empty()) {
    return process_state(static_cast<::pid_t>(process.pid)) == "not running" ? Liveness::dead
                                                                             : Liveness::unknown;
  }
  const std::uint64_t start = start_ticks_in(stat);
  if (start == 0) return Liveness::unknown;
  if (start != process.start_ticks) return Liveness::dead;
  return process_state_in(stat).starts_with("dead") ? Liveness::dead : Liveness::alive;
}

}  // namespace tally::storage
