// SPDX-License-Identifier: Apache-2.0
// The verdict on a head does not depend on cuts; what was accepted is written and read again alike;
// what is forwarded is accepted by the same rules and frames the body alike. The first byte chooses
// the size of the pieces.
#include "base/check.h"
#include "http/forward.h"
#include "http/framing.h"
#include "http/head_parser.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace tally::http;

template <class Parser>
HeadStep run(Parser& parser, std::string_view input, std::size_t piece) {
  HeadStep step;
  std::size_t taken = 0;
  while (taken < input.size()) {
    const std::string bytes(input.substr(taken, piece));
    step = parser.feed(bytes);
    if (step.refused()) return step;
    taken += step.complete() ? step.used : bytes.size();
    if (step.complete()) break;
  }
  step.used = taken;
  return step;
}

template <class Head, class Forwarding>
void check_bytes(const Head& head, const Forwarding& how, const Head& forwarded) {
  std::string bytes;
  append_forwarded(head, how, bytes);
  TALLY_CHECK(bytes == to_bytes(forwarded));
}

template <class Parser, class Forward>
void check(std::string_view input, std::size_t piece, Forward forward) {
  Parser whole, cut;
  const HeadStep expected = run(whole, input, input.size() + 1), got = run(cut, input, piece);
  TALLY_CHECK(expected.state == got.state && expected.used == got.used);
  TALLY_CHECK(expected.fault == got.fault && whole.head() == cut.head());
  if (!expected.complete()) return;
  const auto head = whole.take();
  Parser again, upstream;
  TALLY_CHECK(again.feed(to_bytes(head)).complete() && again.head() == head);
  TALLY_CHECK(upstream.feed(to_bytes(forward(head))).complete());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t piece = 1U + data[0];
  check<RequestParser>(input, piece, [](const RequestHead& head) {
    const Framing framing = request_framing(head);
    const RequestForwarding how{
        .framing = framing, .client_address = "::1", .upstream_authority = "a"};
    const RequestHead out = forward_request(head, how);
    TALLY_CHECK(request_framing(out) == framing && out.target == head.target);
    check_bytes(head, how, out);
    return out;
  });
  check<ResponseParser>(input, piece, [](const ResponseHead& head) {
    const ResponseForwarding how{.framing = response_framing(head, "GET"), .close = true};
    const ResponseHead out = forward_response(head, how);
    check_bytes(head, how, out);
    return out;
  });
  return 0;
}
