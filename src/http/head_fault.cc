// SPDX-License-Identifier: Apache-2.0
#include "http/head_fault.h"

#include "base/check.h"

#include <array>
#include <cstddef>

namespace tally::http {
namespace {

struct Row {
  HeadFault fault;
  std::string_view name;
  int status;
  bool smuggling;
};

// In the order of the enumeration; row() checks it.
constexpr std::array kRows{
    Row{HeadFault::bad_method, "bad-method", 400, false},
    Row{HeadFault::method_too_long, "method-too-long", 501, false},
    Row{HeadFault::connect_method, "connect-method", 501, false},
    Row{HeadFault::bad_request_line, "bad-request-line", 400, true},
    Row{HeadFault::http_0_9, "http-0-9", 400, false},
    Row{HeadFault::bad_version, "bad-version", 400, false},
    Row{HeadFault::version_unsupported, "version-unsupported", 505, false},
    Row{HeadFault::absolute_target, "absolute-target", 400, true},
    Row{HeadFault::bad_target, "bad-target", 400, false},
    Row{HeadFault::bad_status_line, "bad-status-line", 400, false},
    Row{HeadFault::bare_lf, "bare-lf", 400, true},
    Row{HeadFault::bare_cr, "bare-cr", 400, true},
    Row{HeadFault::nul, "nul", 400, true},
    Row{HeadFault::control_character, "control-character", 400, true},
    Row{HeadFault::obs_fold, "obs-fold", 400, true},
    Row{HeadFault::space_before_colon, "space-before-colon", 400, true},
    Row{HeadFault::bad_field_name, "bad-field-name", 400, true},
    Row{HeadFault::confusable_name, "confusable-name", 400, true},
    Row{HeadFault::head_too_large, "head-too-large", 431, false},
    Row{HeadFault::target_too_long, "target-too-long", 414, false},
    Row{HeadFault::too_many_fields, "too-many-fields", 431, false},
    Row{HeadFault::bad_content_length, "bad-content-length", 400, true},
    Row{HeadFault::repeated_content_length, "repeated-content-length", 400, true},
    Row{HeadFault::length_and_chunked, "length-and-chunked", 400, true},
    Row{HeadFault::bad_transfer_encoding, "bad-transfer-encoding", 400, true},
    Row{HeadFault::unknown_transfer_coding, "unknown-transfer-coding", 501, true},
    Row{HeadFault::transfer_encoding_in_1_0, "transfer-encoding-in-1-0", 400, true},
    Row{HeadFault::missing_host, "missing-host", 400, false},
    Row{HeadFault::repeated_host, "repeated-host", 400, true},
    Row{HeadFault::bad_host, "bad-host", 400, true},
    Row{HeadFault::repeated_field, "repeated-field", 400, true},
    Row{HeadFault::connection_names_protected, "connection-names-protected", 400, true},
};

const Row& row(HeadFault fault) {
  const auto index = static_cast<std::size_t>(fault);
  TALLY_CHECK(index < kRows.size() && kRows[index].fault == fault);
  return kRows[index];
}

}  // namespace

std::string_view fault_name(HeadFault fault) { return row(fault).name; }
int fault_status(HeadFault fault) { return row(fault).status; }
bool is_smuggling(HeadFault fault) { return row(fault).smuggling; }

}  // namespace tally::http
