// SPDX-License-Identifier: Apache-2.0
// The chunked transfer coding (RFC 9112 section 7.1), strictly: lines end with CRLF, sizes are
// plain hexadecimal, extensions are dropped, trailers are handed on. Data is never copied.
#pragma once

#include "base/limits.h"
#include "http/fields.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tally::http {

enum class ChunkFault : std::uint8_t {
  bad_size,             ///< no hexadecimal number, or more than 64 bits
  bad_line_end,         ///< something else than CRLF where it must stand
  bad_extension,        ///< control characters
  extension_too_large,  ///< kChunkExtensionBytesMax in one body
  bad_trailer,
  trailer_too_large,  ///< kHttpTrailerBytesMax, kHttpTrailersMax
  forbidden_trailer,  ///< framing or routing fields have no business after the body
};
/// Stable lower-case name for records: "chunk-bad-size".
[[nodiscard]] std::string_view fault_name(ChunkFault fault);

struct ChunkStep {
  enum class State : std::uint8_t {
    need_more,  ///< the input is used up
    data,       ///< `bytes`: the next bytes of the body, a view into the input
    end,        ///< the body is complete; what is left of the input is not of it
    refused,
  };
  State state = State::need_more;
  std::string_view bytes;
  ChunkFault fault{};
};

/// Decodes one body. Not thread-safe.
class ChunkedDecoder {
 public:
  /// Takes from the front of `input` and says what it met. Call until need_more (with an empty
  /// input then), end or refused. The verdict does not depend on where the input was cut.
  [[nodiscard]] ChunkStep next(std::string_view& input);
  /// Fields after the last chunk, complete after end.
  [[nodiscard]] const FieldList& trailers() const { return trailers_; }
  /// Bytes of the current chunk that are still to come.
  [[nodiscard]] std::uint64_t remaining() const { return remaining_; }
  /// For the next body.
  void reset();

 private:
  enum class Part : std::uint8_t {
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer,
    end,
    refused
  };
  ChunkStep refuse(ChunkFault fault);
  ChunkStep part_step(std::string_view& input);
  ChunkStep size_step(std::string_view& input);
  ChunkStep extension_step(std::string_view& input);
  ChunkStep data_step(std::string_view& input);
  ChunkStep trailer_step(std::string_view& input);
  ChunkStep trailer_line(std::string_view line);
  ChunkStep expect(char c, Part then, std::string_view& input);

  Part part_ = Part::size;
  ChunkFault fault_{};
  std::uint64_t remaining_ = 0;
  std::size_t digits_ = 0;
  std::size_t extension_bytes_ = 0;  // in the whole body
  std::size_t trailer_bytes_ = 0;
  std::string line_;  // unfinished trailer line
  FieldList trailers_;
};

/// The line before `bytes` bytes of data, for a send list: "1f\r\n". `bytes` is not 0.
[[nodiscard]] std::string chunk_head(std::uint64_t bytes);
/// After the data of each chunk.
inline constexpr std::string_view kChunkTail = "\r\n";
/// The end of a body without trailers.
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";
/// The end of a body with them.
[[nodiscard]] std::string last_chunk(const FieldList& trailers);

}  // namespace tally::http
