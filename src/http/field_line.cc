// SPDX-License-Identifier: Apache-2.0
#include "http/field_line.h"

#include "base/check.h"

#include <cstddef>

namespace tally::http {
namespace {

/// Why the byte after the token is no colon.
HeadFault name_fault(std::string_view after_token) {
  if (after_token.empty()) return HeadFault::bad_field_name;
  if (is_ows(after_token.front())) {
    const std::string_view rest = trim_ows(after_token);
    if (!rest.empty() && rest.front() == ':') return HeadFault::space_before_colon;
  }
  if (after_token.front() == '\0') return HeadFault::nul;
  if (after_token.front() == '\r') return HeadFault::bare_cr;
  return HeadFault::bad_field_name;
}

}  // namespace

MaybeFault fault_of(ValueChar found) {
  switch (found) {
    case ValueChar::good: return std::nullopt;
    case ValueChar::nul: return HeadFault::nul;
    case ValueChar::cr: return HeadFault::bare_cr;
    case ValueChar::lf: return HeadFault::bare_lf;
    case ValueChar::control: return HeadFault::control_character;
  }
  TALLY_CHECK(!"ValueChar out of range");
}

MaybeFault split_field(std::string_view line, Field& field) {
  TALLY_CHECK(!line.empty());
  if (is_ows(line.front())) return HeadFault::obs_fold;
  std::size_t name_bytes = 0;
  while (name_bytes < line.size() && is_token_char(line[name_bytes])) ++name_bytes;
  if (name_bytes == line.size() || line[name_bytes] != ':') {
    return name_fault(line.substr(name_bytes));
  }
  if (name_bytes == 0) return HeadFault::bad_field_name;
  field.name = line.substr(0, name_bytes);
  field.value = trim_ows(line.substr(name_bytes + 1));
  return fault_of(bad_value_char(field.value));
}

}  // namespace tally::http
