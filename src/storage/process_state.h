// SPDX-License-Identifier: Apache-2.0
// Who holds a lock is only half of the answer: a stopped or dead process needs another remedy than
// a busy one.
#pragma once

#include <string>
#include <string_view>
#include <sys/types.h>

namespace tally::storage {

/// The state of a process of this machine in words: "running", "sleeping", "waiting for the disk",
/// "stopped", "stopped by a debugger", "dead (zombie)", "dead", "idle"; "not running" when there is
/// none with this id (also: it lives in another container); "unknown" when /proc cannot be read.
/// For messages only: it may have changed by the time the text is read, and the id may belong to
/// another process by now.
std::string process_state(::pid_t pid);

/// The same from the text of /proc/PID/stat (proc(5)); "unknown" when it does not have that form.
std::string_view process_state_in(std::string_view stat_text);

}  // namespace tally::storage
