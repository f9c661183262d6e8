// SPDX-License-Identifier: Apache-2.0
// The readable part of a result: what a person wants to see of it in a table.
#pragma once

#include "base/json.h"
#include "base/limits.h"
#include "mcp/methods.h"

#include <string>
#include <string_view>

namespace tally::record {

/// Text of a result (redacted JSON): the texts of content, contents or messages, one a line, with a
/// short word for everything that is no text; the JSON itself for other results. At most
/// `bytes_max` bytes, cut at a character.
std::string preview_of_result(std::string_view json, mcp::Category category,
                              std::size_t bytes_max = kResultPreviewBytesMax);
/// The same of a value that is listed deeply enough: six levels.
std::string preview_of_result(json::Value result, mcp::Category category,
                              std::size_t bytes_max = kResultPreviewBytesMax);

/// `text` cut at a character to at most `bytes_max` bytes, "..." at the end when something was cut.
std::string cut_text(std::string_view text, std::size_t bytes_max);

}  // namespace tally::record
