// SPDX-License-Identifier: Apache-2.0
// Heads of HTTP/1.1 messages as values: what the parsers give, forward changes and serialise
// writes.
#pragma once

#include "http/fields.h"

#include <string>
#include <string_view>

namespace tally::http {

/// Request line and fields. Values of their own, nothing points into a read buffer.
struct RequestHead {
  std::string method{};  ///< a token, case as written: "GET" and "get" are two methods
  std::string target{};  ///< origin-form ("/path?query"), or "*" with OPTIONS; raw, never decoded
  int minor = 1;         ///< HTTP/1.minor: 0 or 1
  FieldList fields{};
  friend bool operator==(const RequestHead&, const RequestHead&) = default;
};

/// Status line and fields.
struct ResponseHead {
  int status = 0;        ///< 100 to 999
  std::string reason{};  ///< may be empty, may hold bytes from 0x80 on
  int minor = 1;
  FieldList fields{};
  friend bool operator==(const ResponseHead&, const ResponseHead&) = default;
};

/// An interim response (1xx): another head follows, and there is no body. 101 is none: it ends HTTP
/// on the connection.
[[nodiscard]] inline bool is_interim(const ResponseHead& head) {
  return head.status < 200 && head.status != 101;
}

/// Appends the bytes of the head with its empty line. Order, case and repetition stay; between name
/// and value stands ": " whatever stood there (white space around a value is no part of it, RFC
/// 9110 section 5.5).
void append_head(const RequestHead& head, std::string& out);
void append_head(const ResponseHead& head, std::string& out);
/// The first line of it with its CRLF, of HTTP/1.`minor`.
void append_first_line(const RequestHead& head, int minor, std::string& out);
void append_first_line(const ResponseHead& head, int minor, std::string& out);
[[nodiscard]] std::string to_bytes(const RequestHead& head);
[[nodiscard]] std::string to_bytes(const ResponseHead& head);

/// Usual reason phrase of a status (RFC 9110 section 15 and the IANA registry); empty when there is
/// none.
[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace tally::http
