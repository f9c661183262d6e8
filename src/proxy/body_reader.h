// SPDX-License-Identifier: Apache-2.0
// A body out of the bytes of its connection, in any of the ways HTTP/1.1 frames one.
#pragma once

#include "http/chunked.h"
#include "http/framing.h"

#include <cstdint>
#include <string_view>

namespace tally::proxy {

/// Reads one body. Copies nothing.
class BodyReader {
 public:
  explicit BodyReader(const http::Framing& framing);

  /// Takes from the front of `input`; as http::ChunkedDecoder::next() for every framing. A body
  /// without bytes says end at once.
  [[nodiscard]] http::ChunkStep next(std::string_view& input);
  /// The connection is at its end: whether that ends the body properly.
  [[nodiscard]] bool may_end() const;
  [[nodiscard]] const http::FieldList& trailers() const { return chunks_.trailers(); }

 private:
  http::Framing framing_;
  std::uint64_t left_;
  http::ChunkedDecoder chunks_;
};

}  // namespace tally::proxy
