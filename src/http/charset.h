// SPDX-License-Identifier: Apache-2.0
// Bytes of a JSON body as text, the way servers read them: RFC 8259 says UTF-8, but servers in use
// also take byte order marks, UTF-16, UTF-32 and the charset parameter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tally::http {

enum class TextEncoding : std::uint8_t { utf8, utf16le, utf16be, utf32le, utf32be };
[[nodiscard]] std::string_view encoding_name(TextEncoding encoding);

/// One reading of a body.
struct TextReading {
  std::string_view text;  ///< UTF-8 without byte order mark; in `storage` or in the bytes given
  TextEncoding encoding = TextEncoding::utf8;
  bool byte_order_mark = false;
  /// Ill-formed bytes or code units, replaced by U+FFFD in `text`; some servers refuse, some do
  /// not.
  bool ill_formed = false;
  /// Two servers could understand different, both valid, text. The message must not count as
  /// understood. Why: a charset that is no superset of ASCII or unknown, bytes from 0x80 on in a
  /// single-byte charset, or ill-formed text.
  bool ambiguous = false;
};

/// `charset` is the parameter of Content-Type, empty when absent (quotes removed, any case).
/// `storage` keeps the text when it differs from the bytes; it and `bytes` must outlive the
/// reading.
[[nodiscard]] TextReading read_text(std::string_view bytes, std::string_view charset,
                                    std::string& storage);

}  // namespace tally::http
