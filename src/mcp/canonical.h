// SPDX-License-Identifier: Apache-2.0
// JSON Canonicalization Scheme (RFC 8785): one text for one value, so that definitions can be
// compared and hashed.
#pragma once

#include "base/json.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace tally::mcp {

/// The canonical text of one JSON value. Errors: malformed (not JSON, repeated keys, a lone
/// surrogate, a number beyond the range of a double: RFC 8785 has no form for these), too_large.
[[nodiscard]] Result<std::string> canonical_json(std::string_view json);

/// A number as ECMAScript prints it (RFC 8785 section 3.2.2.3); empty when it is not finite.
[[nodiscard]] std::string canonical_number(double value);

}  // namespace tally::mcp
