// SPDX-License-Identifier: Apache-2.0
// Why a head is refused: the word for the record, the status for the client, and whether somebody
// may have tried to make two servers read one message differently.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tally::http {

enum class HeadFault : std::uint8_t {
  // First line.
  bad_method,           ///< no token where the method belongs (also TLS or another protocol)
  method_too_long,      ///< longer than any that exists
  connect_method,       ///< CONNECT: we are no tunnel
  bad_request_line,     ///< not exactly method SP target SP version
  http_0_9,             ///< a request line without version
  bad_version,          ///< the version is no "HTTP/digit.digit"
  version_unsupported,  ///< neither HTTP/1.0 nor HTTP/1.1
  absolute_target,      ///< "http://…": two servers could take two different hosts from it
  bad_target,           ///< authority-form, "*" without OPTIONS, fragment, bytes that need escaping
  bad_status_line,      ///< response
  // Lines.
  bare_lf,
  bare_cr,
  nul,
  control_character,
  obs_fold,  ///< a line that begins with white space
  space_before_colon,
  bad_field_name,
  confusable_name,  ///< "Content_Length": CGI-like servers take it for the one with "-"
  head_too_large,
  target_too_long,  ///< the head limit fell inside the request line
  too_many_fields,
  // Framing.
  bad_content_length,
  repeated_content_length,
  length_and_chunked,  ///< Content-Length and Transfer-Encoding
  bad_transfer_encoding,
  unknown_transfer_coding,
  transfer_encoding_in_1_0,
  // What a server would decide by.
  missing_host,
  repeated_host,
  bad_host,
  repeated_field,  ///< a second line of a field that has one value, such as Authorization
  connection_names_protected,  ///< `Connection: Authorization` asks a proxy to hide the field
};

/// nullopt: nothing is wrong.
using MaybeFault = std::optional<HeadFault>;

/// Stable lower-case name for records: "length-and-chunked".
[[nodiscard]] std::string_view fault_name(HeadFault fault);
/// The status that a client is answered with: 400, 414, 431, 501 or 505. The same fault in a
/// response is 502 towards the client.
[[nodiscard]] int fault_status(HeadFault fault);
/// Whether this is a known way of smuggling: a security event, not only a bad request.
[[nodiscard]] bool is_smuggling(HeadFault fault);

}  // namespace tally::http
