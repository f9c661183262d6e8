// SPDX-License-Identifier: Apache-2.0
// What must hold for a head as a whole, so that every server reads the message alike (contract 4).
// The parsers call it; a head that was made here need not pass.
#pragma once

#include "http/head.h"
#include "http/head_fault.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tally::http {

/// The form of a request target: origin-form, or "*" with OPTIONS. Only printable ASCII without
/// "#", and no "\" in the path, which browsers' parsers take for "/".
[[nodiscard]] MaybeFault check_target(std::string_view method, std::string_view target);
/// Framing, Host, fields that may stand only once, names that look alike, `Connection`.
[[nodiscard]] MaybeFault check_request(const RequestHead& head);
/// Framing only: what else a server sends is for the client to judge.
[[nodiscard]] MaybeFault check_response(const ResponseHead& head);

/// A Content-Length: digits without a leading zero (some readers take those for octal), 64 bits.
[[nodiscard]] std::optional<std::uint64_t> parse_content_length(std::string_view value);

}  // namespace tally::http
