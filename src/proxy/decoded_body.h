// SPDX-License-Identifier: Apache-2.0
// A body as the text that its receiver reads: content codings undone, UTF-8.
#pragma once

#include "http/fields.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace tally::proxy {

/// One reading. `text` points into the raw bytes or into the object.
class DecodedBody {
 public:
  /// At most `bytes_max` decoded bytes. `raw` must outlive it.
  DecodedBody(const http::FieldList& fields, std::string_view raw, std::size_t bytes_max);
  DecodedBody(const DecodedBody&) = delete;
  DecodedBody& operator=(const DecodedBody&) = delete;

  /// Whether there is exactly one way to read it. Else reason() says in a few words why not.
  [[nodiscard]] bool good() const { return reason_.empty(); }
  /// More than `bytes_max` when decoded; how it goes on is not known.
  [[nodiscard]] bool too_large() const { return too_large_; }
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] const std::string& reason() const { return reason_; }

 private:
  std::string decoded_;
  std::string utf8_;
  std::string_view text_;
  std::string reason_;
  bool too_large_ = false;
};

/// `charset` of Content-Type; empty when there is none.
[[nodiscard]] std::string charset_of(const http::FieldList& fields);

}  // namespace tally::proxy
