// SPDX-License-Identifier: Apache-2.0
// tallystick tail --url: the newest entries of a server, and what comes after them.
#pragma once

#include "base/result.h"
#include "cli/command.h"
#include "cli/remote_flags.h"
#include "cli/stop_signals.h"
#include "index/expression.h"
#include "index/table.h"

#include <cstdint>
#include <optional>

namespace tally::cli {

/// Prints the newest `lines` entries of the time `since`, if one is given, the newest last; with
/// `signals` it goes on until one comes.
/// A connection that breaks is made again, without gap or repetition. Errors: as
/// RemoteFlags::connect() and remote::each_entry().
[[nodiscard]] Result<void> tail_server(Invocation& call, const RemoteFlags& remote,
                                       std::uint64_t lines,
                                       const std::optional<index::Range>& since,
                                       index::Format format, StopSignals* signals);

}  // namespace tally::cli
