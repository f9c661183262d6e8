// SPDX-License-Identifier: Apache-2.0
// Between a decoder and the recorder: so much at once that a turn is worth it, so little that the
// turn is short.
#pragma once

#include "base/limits.h"
#include "http/content_decoder.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace tally::proxy {

/// Joins what a decoder gives, 16 KiB at a time, to pieces. A few bytes may decode to gigabytes, so
/// whoever gets the pieces takes a turn for each, and the decoder works between turns.
class DecodedPieces {
 public:
  /// About what is looked at in a millisecond.
  static constexpr std::size_t kBytes = 256 * kKiB;

  /// `out` gets pieces that are hardly longer than kBytes.
  explicit DecodedPieces(http::ByteConsumer out) : out_(std::move(out)) {}

  void add(std::string_view bytes) {
    held_.append(bytes);
    if (held_.size() >= kBytes) flush();
  }
  /// What is left is a piece too.
  void flush() {
    if (held_.empty()) return;
    out_(held_);
    held_.clear();
  }

 private:
  http::ByteConsumer out_;
  std::string held_;
};

}  // namespace tally::proxy
