// SPDX-License-Identifier: Apache-2.0
// Events from outside and lines of a log: what ingest accepts, the codec reads and writes back
// unchanged.
#include "base/check.h"
#include "event/codec.h"
#include "event/ingest.h"
#include "event/view.h"
#include "redact/redact.h"

#include <cstdint>

namespace {

class FixedClock final : public tally::Clock {
 public:
  [[nodiscard]] tally::WallTime now() const override {
    return *tally::parse_time("2026-11-21T19:00:00Z");
  }
  [[nodiscard]] tally::MonoTime mono() const override { return {}; }
};

class Zeros final : public tally::Random {
 public:
  void fill(std::span<std::byte> out) override {
    for (std::byte& b : out) b = {};
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tally::event;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const FixedClock clock;
  Zeros zeros;
  tally::UuidSource uuids(clock, zeros);
  const tally::redact::IngestFilter filter;
  Ingest ingest(clock, uuids, {.instance = "i", .filter = &filter});
  if (const auto accepted = ingest.accept(text)) {
    const auto decoded = decode(*accepted);
    TALLY_CHECK(decoded && encode(decoded->event) == *accepted);
    TALLY_CHECK(EventView().parse(*accepted));
    // What was redacted once has nothing left to redact.
    Event again = decoded->event;
    tally::redact::redact_event(again);
    TALLY_CHECK(again == decoded->event);
  }
  if (const auto line = decode(text)) {
    const Event small = shrink_to_fit(line->event, 4096);
    TALLY_CHECK(encode(small).size() <= 4096 && decode(encode(small)));
  }
  (void)EventView().parse(text);
  return 0;
}
