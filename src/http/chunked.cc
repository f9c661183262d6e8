// SPDX-License-Identifier: Apache-2.0
#include "http/chunked.h"

#include "base/check.h"
#include "http/chars.h"
#include "http/field_line.h"
#include "http/field_name.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace tally::http {
namespace {

constexpr std::size_t kSizeDigitsMax = 16;

ChunkStep need_more() { return {}; }

/// Fields that decide where a message ends, who gets it or who sent it: after the body they would
/// be believed by one server and ignored by another (RFC 9110 section 6.5.1).
bool is_forbidden_trailer(std::string_view name) {
  return is_hop_by_hop(name) || is_protected(name) || is_confusable(name) ||
         equal_no_case(name, "trailer") || equal_no_case(name, "expect") ||
         equal_no_case(name, "set-cookie");
}

}  // namespace

std::string_view fault_name(ChunkFault fault) {
  switch (fault) {
    case ChunkFault::bad_size: return "chunk-bad-size";
    case ChunkFault::bad_line_end: return "chunk-bad-line-end";
    case ChunkFault::bad_extension: return "chunk-bad-extension";
    case ChunkFault::extension_too_large: return "chunk-extension-too-large";
    case ChunkFault::bad_trailer: return "chunk-bad-trailer";
    case ChunkFault::trailer_too_large: return "chunk-trailer-too-large";
    case ChunkFault::forbidden_trailer: return "chunk-forbidden-trailer";
  }
  TALLY_CHECK(!"ChunkFault out of range");
}

void ChunkedDecoder::reset() { *this = ChunkedDecoder(); }

ChunkStep ChunkedDecoder::refuse(ChunkFault fault) {
  part_ = Part::refused;
  fault_ = fault;
  return {.state = ChunkStep::State::refused, .bytes = {}, .fault = fault};
}

ChunkStep ChunkedDecoder::next(std::string_view& input) {
  for (;;) {
    if (part_ == Part::end) return {.state = ChunkStep::State::end, .bytes = {}, .fault = {}};
    if (part_ == Part::refused) return refuse(fault_);
    if (input.empty()) return need_more();
    const ChunkStep step = part_step(input);
    if (step.state != ChunkStep::State::need_more) return step;
  }
}

/// Takes at least one byte, unless it refuses.
ChunkStep ChunkedDecoder::part_step(std::string_view& input) {
  switch (part_) {
    case Part::size: return size_step(input);
    case Part::extension: return extension_step(input);
    case Part::size_lf: return expect('\n', remaining_ == 0 ? Part::trailer : Part::data, input);
    case Part::data: return data_step(input);
    case Part::data_cr: return expect('\r', Part::data_lf, input);
    case Part::data_lf: return expect('\n', Part::size, input);
    case Part::trailer: return trailer_step(input);
    case Part::end:
    case Part::refused: break;
  }
  TALLY_CHECK(!"no step after the end");
}

ChunkStep ChunkedDecoder::expect(char c, Part then, std::string_view& input) {
  if (input.front() != c) return refuse(ChunkFault::bad_line_end);
  input.remove_prefix(1);
  part_ = then;
  return need_more();
}

ChunkStep ChunkedDecoder::size_step(std::string_view& input) {
  const char c = input.front();
  const int digit = hex_value(c);
  if (digit >= 0) {
    if (digits_ == kSizeDigitsMax) return refuse(ChunkFault::bad_size);
    remaining_ = digits_ == 0 ? 0 : remaining_ << 4U;
    remaining_ |= static_cast<std::uint64_t>(digit);
    ++digits_;
    input.remove_prefix(1);
    return need_more();
  }
  if (digits_ == 0) return refuse(ChunkFault::bad_size);
  if (c == '\n') return refuse(ChunkFault::bad_line_end);
  if (c != '\r' && c != ';') return refuse(ChunkFault::bad_size);
  digits_ = 0;
  input.remove_prefix(1);
  part_ = c == ';' ? Part::extension : Part::size_lf;
  return need_more();
}

ChunkStep ChunkedDecoder::extension_step(std::string_view& input) {
  const std::size_t room = kChunkExtensionBytesMax - extension_bytes_;
  const std::string_view window = input.substr(0, room);
  const std::size_t size = std::min(window.find('\r'), window.size());
  const std::string_view extension = window.substr(0, size);
  switch (bad_value_char(extension)) {
    case ValueChar::good: break;
    case ValueChar::lf: return refuse(ChunkFault::bad_line_end);
    case ValueChar::nul:
    case ValueChar::cr:
    case ValueChar::control: return refuse(ChunkFault::bad_extension);
  }
  extension_bytes_ += size;
  input.remove_prefix(size);
  if (size < window.size()) {
    input.remove_prefix(1);
    part_ = Part::size_lf;
  } else if (extension_bytes_ == kChunkExtensionBytesMax && !input.empty()) {
    return refuse(ChunkFault::extension_too_large);
  }
  return need_more();
}

ChunkStep ChunkedDecoder::data_step(std::string_view& input) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size()));
  const ChunkStep step{
      .state = ChunkStep::State::data, .bytes = input.substr(0, size), .fault = {}};
  input.remove_prefix(size);
  remaining_ -= size;
  if (remaining_ == 0) part_ = Part::data_cr;
  return step;
}

ChunkStep ChunkedDecoder::trailer_step(std::string_view& input) {
  const std::string_view window = input.substr(0, kHttpTrailerBytesMax - trailer_bytes_);
  const std::size_t feed_at = window.find('\n');
  if (feed_at == std::string_view::npos) {
    if (trailer_bytes_ + window.size() >= kHttpTrailerBytesMax) {
      return refuse(ChunkFault::trailer_too_large);
    }
    line_.append(window);
    trailer_bytes_ += window.size();
    input.remove_prefix(window.size());
    return need_more();
  }
  std::string_view line = window.substr(0, feed_at + 1);
  input.remove_prefix(line.size());
  trailer_bytes_ += line.size();
  if (!line_.empty()) line = line_.append(line);
  const ChunkStep step = trailer_line(line);
  line_.clear();
  return step;
}

ChunkStep ChunkedDecoder::trailer_line(std::string_view line) {
  line.remove_suffix(1);
  if (line.empty() || line.back() != '\r') return refuse(ChunkFault::bad_line_end);
  line.remove_suffix(1);
  if (line.empty()) {
    part_ = Part::end;
    return need_more();
  }
  Field field;
  if (split_field(line, field)) return refuse(ChunkFault::bad_trailer);
  if (is_forbidden_trailer(field.name)) return refuse(ChunkFault::forbidden_trailer);
  if (trailers_.size() >= kHttpTrailersMax) return refuse(ChunkFault::trailer_too_large);
  trailers_.add(field.name, field.value);
  return need_more();
}

std::string chunk_head(std::uint64_t bytes) {
  TALLY_CHECK(bytes > 0);  // a chunk of 0 ends the body
  std::array<char, kSizeDigitsMax + 2> text{};
  char* end = std::to_chars(text.data(), text.data() + kSizeDigitsMax, bytes, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return {text.data(), end};
}

std::string last_chunk(const FieldList& trailers) {
  std::string out = "0\r\n";
  for (const Field field : trailers) {
    out.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  return out.append("\r\n");
}

}  // namespace tally::http
