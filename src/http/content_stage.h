// SPDX-License-Identifier: Apache-2.0
// One coding of a content decoder: zlib or brotli behind one interface.
#pragma once

#include "http/content_decoder.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace tally::http {

/// Decodes one coding. Not thread-safe.
class ContentDecoder::Stage {
 public:
  /// Takes decoded bytes; false stops the stage, which must not be used again then.
  using Sink = std::function<bool(std::string_view)>;

  Stage() = default;
  virtual ~Stage() = default;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  /// Decodes all of `bytes`, which is not empty: good, garbage or trailing.
  virtual DecodeState feed(std::string_view bytes, const Sink& sink) = 0;
  /// Whether the coded data is at its end, or never began.
  [[nodiscard]] virtual bool complete() const = 0;
  /// Members after the first (gzip).
  [[nodiscard]] virtual bool several_members() const { return false; }

  std::uint64_t output_bytes = 0;  ///< counted by the decoder
};

/// `coding` is gzip or deflate.
[[nodiscard]] std::unique_ptr<ContentDecoder::Stage> make_zlib_stage(ContentCoding coding);
[[nodiscard]] std::unique_ptr<ContentDecoder::Stage> make_brotli_stage();

/// Decoded at once, on the stack: large enough that calls do not count, small enough for four
/// stages.
inline constexpr std::size_t kDecodeWindowBytes = 16 * kKiB;

}  // namespace tally::http
