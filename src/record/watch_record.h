// SPDX-License-Identifier: Apache-2.0
// Records of what several messages together show: one name at two servers, one who tries ids.
#pragma once

#include "event/event.h"
#include "mcp/exchange_table.h"
#include "record/context.h"
#include "record/tool_names.h"

#include <cstddef>
#include <string>
#include <vector>

namespace tally::record {

/// A tool of a list, and who has one of that name too.
struct ShadowedTool {
  std::string name;
  ToolNames::Other other;
};
/// Of one list; that there are more says `count`.
inline constexpr std::size_t kShadowedToolsListed = 32;

/// mcp-tool-shadowed, about the server of the current message.
[[nodiscard]] event::Event shadowed_record(Context& context, const std::vector<ShadowedTool>& tools,
                                           std::size_t count, mcp::Moment when);
/// mcp-task-probing: `exchange` was the one that made it one too many.
[[nodiscard]] event::Event probing_record(Context& context, const mcp::Exchange& exchange,
                                          mcp::Moment when);

}  // namespace tally::record
