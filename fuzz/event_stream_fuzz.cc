// SPDX-License-Identifier: Apache-2.0
// Events of a stream in any pieces and with any limit are those of the plain algorithm. The first
// byte chooses the size of the pieces, the second the limit.
#include "base/check.h"
#include "http/event_stream.h"
#include "http/reference_event_stream.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tally::http;

std::vector<ReferenceEvent> run(std::string_view input, std::size_t piece, std::size_t limit) {
  EventStreamReader reader(limit);
  std::vector<ReferenceEvent> out;
  std::string parts;
  while (!input.empty()) {
    const std::string bytes(input.substr(0, piece));
    input.remove_prefix(bytes.size());
    std::string_view rest = bytes;
    for (StreamStep step = reader.next(rest); step.state != StreamStep::State::need_more;
         step = reader.next(rest)) {
      if (step.state == StreamStep::State::block) continue;
      parts += step.event.data;
      TALLY_CHECK(step.event.bytes == parts.size());
      if (step.state == StreamStep::State::part) continue;
      TALLY_CHECK((step.state == StreamStep::State::event) == (parts.size() <= limit));
      out.push_back({std::string(step.event.type), parts, std::string(step.event.id)});
      parts.clear();
    }
    TALLY_CHECK(rest.empty());
    TALLY_CHECK(reader.held() <= limit + tally::kStreamFieldBytesMax);
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Longer field values are cut in ours, not in the plain algorithm.
  if (size < 2 || size > tally::kStreamFieldBytesMax) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  TALLY_CHECK(run(input, 1U + data[0], data[1]) == reference_events(input));
  return 0;
}
