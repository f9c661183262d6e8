// SPDX-License-Identifier: Apache-2.0
// Tool definitions as they are served: digests of their canonical form, and records of what
// changed.
#pragma once

#include "event/event.h"
#include "mcp/message.h"
#include "mcp/tool_table.h"
#include "mcp/violation.h"
#include "record/context.h"
#include "record/earlier_definitions.h"

#include <string>
#include <string_view>
#include <vector>

namespace tally::record {

/// The definitions in one page.
struct ToolPage {
  std::vector<mcp::ToolDefinition> definitions;
  std::vector<mcp::Violation> violations;  ///< unnamed, repeated, or without canonical form
  std::size_t text_bytes = 0;              ///< of the definitions' texts, at most kToolTextBytesMax
};

/// Reads result.tools of a tools/list. Each digest is "sha256:" over the RFC 8785 text, or over the
/// text as sent where there is no such form or the definition is above kWholePayloadBytesMax. Reads
/// kToolsMax definitions and one more, by which the table sees that there were too many.
ToolPage read_tools(const mcp::Message& response);

/// Members of the record of a list: `definitions` [{"name":…,"digest":…}, …] as far as
/// kDefinitionsBytesMax goes, `definitions_omitted` where it does not go far enough, and `page`
/// {"first":…,"last":…} of a list that has several.
void write_definitions(Members& members, const ToolPage& page, bool first, bool last);

/// The record of one change: which members of the definition differ, with their values before and
/// after. `earlier`: it was found by comparing with that list; null: with one of this connection.
event::Event change_record(Context& context, const mcp::ToolChange& change, mcp::Moment when,
                           const EarlierDefinitions* earlier = nullptr);

}  // namespace tally::record
