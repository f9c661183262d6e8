// SPDX-License-Identifier: Apache-2.0
// What a message or an exchange did against JSON-RPC 2.0 or MCP, in a form that goes into a record.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tally::mcp {

enum class ViolationKind : std::uint8_t {
  duplicate_key,     ///< the same key twice in one object: parsers disagree which one counts
  case_variant_key,  ///< a key that some parsers take for another one ("Method"): Go's
                     ///< encoding/json does
  lone_surrogate,    ///< a string that is no text: readers replace, refuse or keep it
  missing_jsonrpc,   ///< no "jsonrpc" member
  wrong_jsonrpc,     ///< "jsonrpc" is not "2.0"
  null_id,           ///< a request with id null (MCP forbids it)
  bad_id,            ///< an id that is neither string nor number
  long_id,           ///< an id longer than we keep
  missing_id,        ///< a response without id
  result_and_error,  ///< a response with both
  bad_error,         ///< "error" is no object with an integer code
  bad_params,        ///< "params" is not an object
  unknown_shape,     ///< no request, notification or response
  unparsable,        ///< not JSON, or JSON beyond our limits
  empty_batch,
  batch_not_allowed,  ///< a batch in a version without batches
  batch_too_long,     ///< more elements than kBatchMessagesMax
  carriage_return,    ///< inside the line: universal-newline readers (Python) end the line there
  method_variant,     ///< a method that differs from a known one only by case
  unterminated_line,  ///< the stream ended inside the line
  duplicate_id,       ///< a request whose id is still in use by its sender
  no_request,         ///< a response to nothing
  wrong_direction,    ///< a known method from the side that may not send it
  not_in_version,     ///< a known method that the negotiated version does not have
  wrong_kind,         ///< a request sent as notification or the reverse
  duplicate_tool,     ///< two definitions of one name in a list
  unnamed_tool,       ///< a definition without a name
  uncanonical_tool,   ///< a definition that has no canonical form (RFC 8785)
  foreign_handle,     ///< a taskId or requestState that another principal was given
  header_mismatch,    ///< an HTTP header says something else than the body (2026-07-28)
  undeclared_capability,     ///< use of what the other side did not declare, or the sender itself
  initialize_in_batch,       ///< 2025-03-26 forbids it
  secret_requested,          ///< a form that asks the user for a password, a key, a token
  unsolicited_notification,  ///< on a subscription whose filter did not ask for it (2026-07-28)
  unsafe_url,                ///< the user is sent to an address that no user should be sent to
};

/// Stable snake_case name, as in details.violations.
std::string_view violation_name(ViolationKind kind);

/// Whether two readers of the message could disagree about what it asks for.
bool is_ambiguous(ViolationKind kind);

struct Violation {
  ViolationKind kind;
  std::string where;  ///< member path or a few words; at most kWhereBytesMax bytes
};

inline constexpr std::size_t kWhereBytesMax = 128;
/// Violations kept of one message; a message made of them is as bad with sixteen.
inline constexpr std::size_t kViolationsMax = 16;

/// Appends unless the list is full; cuts `where`.
void add_violation(std::vector<Violation>& list, ViolationKind kind, std::string_view where);
bool has_violation(const std::vector<Violation>& list, ViolationKind kind);
/// Whether any of them is_ambiguous().
bool any_ambiguous(const std::vector<Violation>& list);

}  // namespace tally::mcp
