// SPDX-License-Identifier: Apache-2.0
// Log records of OpenTelemetry as they come over OTLP/HTTP in JSON (opentelemetry-proto 1.x,
// collector/logs/v1/logs_service.proto in the JSON mapping of the OTLP specification), and as the
// Collector's file exporter writes them: one request a line.
#pragma once

#include "base/json.h"
#include "base/limits.h"
#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace tally::dialect {

struct OtlpRecord {
  Result<std::string> event;  ///< the object for event::Ingest::accept(), or what is wrong with it
  /// `log.record.uid` where that is no UUID (then it is the event_id): records with the same are
  /// the same. Empty: nothing says so.
  std::string uid{};
};

/// An ExportLogsServiceRequest to one event for each log record, in order; none is fine. Not
/// thread-safe; reuse one for many.
class OtlpReader {
 public:
  /// Resource and scope are repeated in each event, so all events together are bounded. Errors:
  /// malformed when it is no such request; too_large beyond `records_max` records or `bytes_max`
  /// bytes of events.
  [[nodiscard]] Result<std::vector<OtlpRecord>> read(std::string_view json,
                                                     std::size_t records_max = kIngestEventsMax,
                                                     std::size_t bytes_max = kConvertedBytesMax);

 private:
  json::Document request_;
  json::Document part_;
};

}  // namespace tally::dialect
