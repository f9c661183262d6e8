// SPDX-License-Identifier: Apache-2.0
// Chunks: cuts change nothing, and what was decoded can be encoded and decoded again. The first
// byte chooses the size of the pieces.
#include "base/check.h"
#include "http/chunked.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace tally::http;

struct Taken {
  std::string data;
  ChunkStep last;
  std::size_t left = 0;
  FieldList trailers;
};

Taken run(std::string_view input, std::size_t piece) {
  ChunkedDecoder decoder;
  Taken out;
  while (!input.empty() && out.last.state == ChunkStep::State::need_more) {
    const std::string bytes(input.substr(0, piece));
    input.remove_prefix(bytes.size());
    std::string_view rest = bytes;
    for (;;) {
      out.last = decoder.next(rest);
      if (out.last.state != ChunkStep::State::data) break;
      out.data += out.last.bytes;
    }
    out.left = rest.size() + input.size();
  }
  out.trailers = decoder.trailers();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Taken whole = run(input, size), cut = run(input, 1U + data[0]);
  TALLY_CHECK(whole.last.state == cut.last.state && whole.data == cut.data);
  TALLY_CHECK(whole.last.fault == cut.last.fault && whole.trailers == cut.trailers);
  if (whole.last.state != ChunkStep::State::end) return 0;
  TALLY_CHECK(whole.left == cut.left);
  std::string coded;
  if (!whole.data.empty()) coded = chunk_head(whole.data.size()) + whole.data + "\r\n";
  const Taken again = run(coded + last_chunk(whole.trailers), size);
  TALLY_CHECK(again.last.state == ChunkStep::State::end && again.left == 0);
  TALLY_CHECK(again.data == whole.data && again.trailers == whole.trailers);
  return 0;
}
