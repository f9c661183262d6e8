// SPDX-License-Identifier: Apache-2.0
// Whatever two peers say to each other, the records are valid lines of the log and nothing stays
// open. Each line of the input is one message; its first character chooses who says it.
#include "base/check.h"
#include "base/limits.h"
#include "event/codec.h"
#include "record/harness.h"
#include "record/recorder.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using namespace tally;

void check_events(const std::vector<event::Event>& events) {
  for (const event::Event& e : events) {
    const std::string line = event::encode(e);
    TALLY_CHECK(line.size() <= kEntryBytesMax - 32);
    TALLY_CHECK(line.find('\n') == std::string::npos && line.find('\r') == std::string::npos);
    const auto decoded = event::decode(line);
    TALLY_CHECK(decoded.has_value());
    TALLY_CHECK(event::encode(decoded->event) == line);
    if (!e.interaction_id) continue;
    TALLY_CHECK(!e.interaction_id->empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  record::Harness h;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty()) continue;
    const auto direction = line.front() == '<' ? mcp::Direction::s2c : mcp::Direction::c2s;
    const bool refused = line.front() == '!';
    line.remove_prefix(1);
    h.wait(std::chrono::milliseconds{700});
    record::Observation o = h.recorder.on_frame(direction, {line, line, !rest.empty()}, h.now());
    check_events(o.before);
    check_events(o.after);
    TALLY_CHECK(o.must_wait || o.refusal.empty());
    TALLY_CHECK(o.refusal.empty() || o.refusal.find('\n') == o.refusal.size() - 1);
    if (refused) check_events(h.recorder.not_forwarded(std::move(o), h.now()));
  }
  check_events(h.recorder.on_process_exit({}, h.now()));
  TALLY_CHECK(h.recorder.open_exchanges() == 0);
  return 0;
}
