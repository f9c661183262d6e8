// SPDX-License-Identifier: Apache-2.0
// Another system's text through both readers: what they make is one JSON object without a repeated
// member at the top, and event::Ingest either takes it or says why.
#include "base/check.h"
#include "base/json.h"
#include "dialect/backstage.h"
#include "dialect/otlp.h"
#include "event/ingest.h"
#include "redact/redact.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace {

void check_event(std::string_view text) {
  using namespace tally;
  json::Document document;
  const auto object = document.parse(text);
  TALLY_CHECK(object && object->is(json::Kind::object));
  const redact::IngestFilter filter;
  UuidSource uuids(system_clock(), system_random());
  event::Ingest ingest(system_clock(), uuids,
                       {.instance = "i", .source = "api", .filter = &filter});
  const auto line = ingest.accept(text);
  TALLY_CHECK(line ? !line->empty() : !line.error().detail.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tally;
  const std::string text(reinterpret_cast<const char*>(data), size);
  dialect::BackstageReader backstage;
  const auto event = backstage.read(text);
  if (event && *event) check_event(**event);
  dialect::OtlpReader otlp;
  const auto records = otlp.read(text);
  if (!records) return 0;
  for (const auto& record : *records) {
    if (record.event) check_event(*record.event);
  }
  return 0;
}
