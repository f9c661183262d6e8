// SPDX-License-Identifier: Apache-2.0
// Any cut of a stream gives the same frames, and every byte that went in comes out. The first byte
// chooses the limit, the second the sizes of the pieces.
#include "base/check.h"
#include "mcp/framer.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace tally;

/// Frames and oversize lines as one text, and the bytes of all steps.
struct Taken {
  std::string shape, bytes;
};

void take(mcp::Framer& framer, Taken& out) {
  for (mcp::FrameStep step = framer.next(); !std::holds_alternative<mcp::NeedBytes>(step);
       step = framer.next()) {
    if (const auto* frame = std::get_if<mcp::Frame>(&step)) {
      TALLY_CHECK(frame->bytes.starts_with(frame->text));
      out.shape += "F" + std::to_string(frame->text.size()) + (frame->ended ? "." : "|");
      out.bytes += frame->bytes;
    } else {
      const auto& part = std::get<mcp::OversizePart>(step);
      if (part.first) out.shape += 'O';
      if (part.last) out.shape += part.ended ? "." : "|";
      out.bytes += part.bytes;
    }
  }
}

Taken run(std::string_view input, std::size_t limit, std::size_t piece) {
  mcp::Framer framer(limit);
  Taken out;
  while (!input.empty()) {
    const std::string bytes(input.substr(0, piece));
    input.remove_prefix(bytes.size());
    framer.feed(bytes);
    take(framer, out);
    TALLY_CHECK(framer.held() <= limit);
  }
  framer.finish();
  take(framer, out);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t limit = data[0];
  const Taken whole = run(input, limit, size);
  const Taken cut = run(input, limit, 1U + data[1]);
  TALLY_CHECK(whole.bytes == input && cut.bytes == input && whole.shape == cut.shape);
  return 0;
}
