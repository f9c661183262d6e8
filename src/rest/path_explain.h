// SPDX-License-Identifier: Apache-2.0
// Why a request to a path is recorded as it is: its readings, the row that counts, and the others.
#pragma once

#include "rest/path_table.h"

#include <span>
#include <string>
#include <string_view>

namespace tally::rest {

/// What is asked. `mcp_paths`: patterns of MCP endpoints from the settings.
struct PathQuestion {
  std::string_view method, path;
  std::span<const std::string> mcp_paths = {};
};

/// For people: some lines, each with its LF.
[[nodiscard]] std::string path_explanation_text(const PathTable& table,
                                                const PathQuestion& question);
/// One JSON object without LF.
[[nodiscard]] std::string path_explanation_json(const PathTable& table,
                                                const PathQuestion& question);

/// Whether the patterns name the path, or one above it, as an MCP endpoint.
[[nodiscard]] bool is_mcp_path(std::span<const std::string> patterns, std::string_view path);

}  // namespace tally::rest
