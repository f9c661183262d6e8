// SPDX-License-Identifier: Apache-2.0
#include "mcp/violation.h"

#include "base/check.h"
#include "base/encoding.h"

#include <algorithm>

namespace tally::mcp {

std::string_view violation_name(ViolationKind kind) {
  switch (kind) {
    case ViolationKind::duplicate_key: return "duplicate_key";
    case ViolationKind::case_variant_key: return "case_variant_key";
    case ViolationKind::lone_surrogate: return "lone_surrogate";
    case ViolationKind::missing_jsonrpc: return "missing_jsonrpc";
    case ViolationKind::wrong_jsonrpc: return "wrong_jsonrpc";
    case ViolationKind::null_id: return "null_id";
    case ViolationKind::bad_id: return "bad_id";
    case ViolationKind::long_id: return "long_id";
    case ViolationKind::missing_id: return "missing_id";
    case ViolationKind::result_and_error: return "result_and_error";
    case ViolationKind::bad_error: return "bad_error";
    case ViolationKind::bad_params: return "bad_params";
    case ViolationKind::unknown_shape: return "unknown_shape";
    case ViolationKind::unparsable: return "unparsable";
    case ViolationKind::empty_batch: return "empty_batch";
    case ViolationKind::batch_not_allowed: return "batch_not_allowed";
    case ViolationKind::batch_too_long: return "batch_too_long";
    case ViolationKind::carriage_return: return "carriage_return";
    case ViolationKind::method_variant: return "method_variant";
    case ViolationKind::unterminated_line: return "unterminated_line";
    case ViolationKind::duplicate_id: return "duplicate_id";
    case ViolationKind::no_request: return "no_request";
    case ViolationKind::wrong_direction: return "wrong_direction";
    case ViolationKind::not_in_version: return "not_in_version";
    case ViolationKind::wrong_kind: return "wrong_kind";
    case ViolationKind::duplicate_tool: return "duplicate_tool";
    case ViolationKind::unnamed_tool: return "unnamed_tool";
    case ViolationKind::uncanonical_tool: return "uncanonical_tool";
    case ViolationKind::foreign_handle: return "foreign_handle";
    case ViolationKind::header_mismatch: return "header_mismatch";
    case ViolationKind::undeclared_capability: return "undeclared_capability";
    case ViolationKind::initialize_in_batch: return "initialize_in_batch";
    case ViolationKind::secret_requested: return "secret_requested";
    case ViolationKind::unsafe_url: return "unsafe_url";
    case ViolationKind::unsolicited_notification: return "unsolicited_notification";
  }
  TALLY_CHECK(false && "ViolationKind out of range");
  return {};
}

bool is_ambiguous(ViolationKind kind) {
  return kind == ViolationKind::duplicate_key || kind == ViolationKind::case_variant_key ||
         kind == ViolationKind::lone_surrogate || kind == ViolationKind::carriage_return ||
         kind == ViolationKind::method_variant || kind == ViolationKind::header_mismatch ||
         kind == ViolationKind::unknown_shape || kind == ViolationKind::unparsable;
}

void add_violation(std::vector<Violation>& list, ViolationKind kind, std::string_view where) {
  if (list.size() >= kViolationsMax) return;
  list.push_back({kind, std::string(utf8_prefix(where, kWhereBytesMax))});
}

bool has_violation(const std::vector<Violation>& list, ViolationKind kind) {
  return std::ranges::any_of(list, [kind](const Violation& v) { return v.kind == kind; });
}

bool any_ambiguous(const std::vector<Violation>& list) {
  return std::ranges::any_of(list, [](const Violation& v) { return is_ambiguous(v.kind); });
}

}  // namespace tally::mcp
