// SPDX-License-Identifier: Apache-2.0
// Which process of which boot of which machine: so that somebody else can tell later whether it
// still lives, although numbers of processes are given again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tally::storage {

struct ProcessIdentity {
  std::int64_t pid = 0;
  std::uint64_t start_ticks = 0;    ///< clock ticks from boot to its start (proc(5), stat field 22)
  std::string boot_id;              ///< of the kernel: another one after each boot
  std::uint64_t pid_namespace = 0;  ///< in which `pid` counts (a container has its own)
  std::string host;                 ///< host name; tells another machine from another boot
  friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

/// {"pid":…,"start_ticks":…,"boot_id":…,"pid_namespace":…,"host":…}: details.instance_process of
/// the record that a process starts with.
[[nodiscard]] std::string to_json(const ProcessIdentity& process);

/// The calling process. What /proc does not tell stays zero or empty: nothing is known of it then.
[[nodiscard]] ProcessIdentity own_process_identity();

enum class Liveness : std::uint8_t {
  alive,
  dead,
  unknown,  ///< it counts in another container or on another machine, or /proc does not tell
};

/// Whether that process is there now, as seen from the calling one. A zombie is dead.
[[nodiscard]] Liveness liveness_of(const ProcessIdentity& process);

/// start_ticks from the text of /proc/PID/stat; 0 when it does not have that form.
[[nodiscard]] std::uint64_t start_ticks_in(std::string_view stat_text);

}  // namespace tally::storage
