// SPDX-License-Identifier: Apache-2.0
// Decoders give the same for any cut, as far as it is good, and never more than the cap. The first
// byte chooses the codings, the second the size of the pieces, the third the cap.
#include "base/check.h"
#include "http/content_decoder.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tally::http;

struct Taken {
  std::string text;
  DecodeState state = DecodeState::good;
};

Taken run(const std::vector<ContentCoding>& codings, std::string_view input, std::size_t piece,
          std::size_t cap) {
  ContentDecoder decoder(codings, cap);
  Taken out;
  while (!input.empty()) {
    const std::string bytes(input.substr(0, piece));
    input.remove_prefix(bytes.size());
    decoder.feed(bytes, [&](std::string_view text) { out.text += text; });
  }
  out.state = decoder.finish();
  TALLY_CHECK(out.text.size() <= cap && decoder.output_bytes() == out.text.size());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  std::vector<ContentCoding> codings;
  for (unsigned choice = data[0]; choice > 0 && codings.size() < 2; choice /= 4) {
    if (choice % 4 > 0) codings.push_back(static_cast<ContentCoding>(choice % 4 - 1));
  }
  const std::string_view input(reinterpret_cast<const char*>(data) + 3, size - 3);
  const std::size_t cap = data[2] * std::size_t{64};
  const Taken whole = run(codings, input, size, cap), cut = run(codings, input, 1U + data[1], cap);
  TALLY_CHECK((whole.state == DecodeState::good) == (cut.state == DecodeState::good));
  // How much comes before a fault depends on the cut, but not what.
  TALLY_CHECK(whole.text.starts_with(cut.text) || cut.text.starts_with(whole.text));
  if (whole.state == DecodeState::good) TALLY_CHECK(whole.text == cut.text);
  return 0;
}
