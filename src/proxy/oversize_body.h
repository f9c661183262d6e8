// SPDX-License-Identifier: Apache-2.0
// A request's body that is too long to be held, on its way to the upstream: what its receiver reads
// in it goes to the recorder piece by piece, content codings undone.
#pragma once

#include "http/content_decoder.h"
#include "http/fields.h"
#include "redact/keyed_digest.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tally::proxy {

/// What came, where that is not what is read.
struct ReceivedBody {
  std::string reason;  ///< why it could not be decoded to its end, a few words; empty: it could
  std::uint64_t bytes = 0;
  std::string digest;  ///< of these bytes, keyed
};

/// One body. Not thread-safe.
class OversizeBody {
 public:
  /// Decodes at most `decoded_max` bytes: a small body must not keep the loop busy for long.
  /// `key` must outlive it.
  OversizeBody(const http::FieldList& fields, std::uint64_t decoded_max,
               const redact::KeyedDigest& key);

  /// The next bytes as received. `out` gets what they decode to; with a coding that we do not have,
  /// or none, the bytes themselves.
  void feed(std::string_view bytes, const http::ByteConsumer& out);
  /// Whether it has a coding that we can undo.
  [[nodiscard]] bool is_coded() const { return decoder_.has_value(); }
  /// The body is over. nullopt: `out` got it as it was received.
  [[nodiscard]] std::optional<ReceivedBody> finish();

 private:
  std::optional<http::ContentDecoder> decoder_;
  http::DecodeState state_ = http::DecodeState::good;
  redact::KeyedDigest::Stream hasher_;
  std::uint64_t bytes_ = 0;
};

}  // namespace tally::proxy
