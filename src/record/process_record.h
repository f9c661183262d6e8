// SPDX-License-Identifier: Apache-2.0
// Records of the server's process: what was started, and how it ended.
#pragma once

#include "event/event.h"
#include "record/context.h"
#include "record/gap.h"
#include "record/observation.h"

#include <optional>
#include <string_view>

namespace tally::record {

/// `program` may be absent: not hashed yet.
event::Event start_record(Context& context, const StartInfo& info,
                          const std::optional<ProgramDigest>& program, mcp::Moment when);
event::Event start_failed_record(Context& context, const StartInfo& info, std::string_view error,
                                 int exit_status, mcp::Moment when);
/// `program` is told here when the start record did not have it. `started` gives the duration, if
/// known.
event::Event exit_record(Context& context, const ExitInfo& info,
                         const std::optional<ProgramDigest>& program,
                         const std::optional<mcp::Moment>& started, mcp::Moment when);

/// The record of a gap; does not empty it.
event::Event gap_record(Context& context, const Gap& gap, mcp::Moment when);

}  // namespace tally::record
