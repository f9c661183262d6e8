// SPDX-License-Identifier: Apache-2.0
// Content codings (RFC 9110 section 8.4): what the upstream will read, as plain bytes, streaming
// and bounded, so that a bomb costs a window and not the memory.
#pragma once

#include "base/limits.h"
#include "http/fields.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace tally::http {

enum class ContentCoding : std::uint8_t { gzip, deflate, br };

/// The codings of Content-Encoding in the order they were applied; identity is left out. nullopt
/// when one is unknown or there are more than kContentCodingsMax.
[[nodiscard]] std::optional<std::vector<ContentCoding>> content_codings(const FieldList& fields);

enum class DecodeState : std::uint8_t {
  good,       ///< so far
  too_large,  ///< more than the output cap; what fits was given
  garbage,    ///< not of this coding
  trailing,   ///< bytes after the end of the coded data: readers differ in what they do with them
  truncated,  ///< finish() before the end of the coded data
};
[[nodiscard]] std::string_view state_name(DecodeState state);

/// Takes decoded bytes; the view is valid during the call.
using ByteConsumer = std::function<void(std::string_view)>;

/// Undoes one or several codings. deflate is read with or without zlib header, as clients and
/// servers send both; gzip may have several members. Memory is the decoders' own: zlib some 45 KiB,
/// brotli up to 16 MiB by what the input declares. Not thread-safe.
class ContentDecoder {
 public:
  /// `codings` as content_codings() gives them; none passes bytes through.
  explicit ContentDecoder(const std::vector<ContentCoding>& codings,
                          std::uint64_t output_bytes_max = kDecodedBytesMax);
  ~ContentDecoder();
  ContentDecoder(ContentDecoder&&) noexcept;
  ContentDecoder& operator=(ContentDecoder&&) noexcept;

  /// Decodes what can be decoded of `bytes` and gives it to `out`, in order. A state other than
  /// good stays; how much was given before garbage depends on how the input was cut.
  DecodeState feed(std::string_view bytes, const ByteConsumer& out);
  /// The body is at its end. An empty body is good: there was nothing to decode.
  [[nodiscard]] DecodeState finish();
  [[nodiscard]] std::uint64_t output_bytes() const { return output_bytes_; }
  /// Whether a gzip body had more than one member: legal, but some servers read only the first.
  [[nodiscard]] bool several_members() const;

  /// One coding of the chain.
  class Stage;

 private:
  DecodeState pass(std::size_t stage, std::string_view bytes, const ByteConsumer& out);

  std::vector<std::unique_ptr<Stage>> stages_;  // in the order of decoding
  std::uint64_t output_bytes_ = 0;
  std::uint64_t output_bytes_max_;
  DecodeState state_ = DecodeState::good;
};

}  // namespace tally::http
