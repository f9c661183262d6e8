// SPDX-License-Identifier: Apache-2.0
// In which forms events may come from other systems.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tally::dialect {

enum class Dialect : std::uint8_t {
  events,     ///< our own: nothing to convert
  backstage,  ///< AuditorEvent objects and log lines of Backstage and of Janus, see backstage.h
  otlp,       ///< OpenTelemetry ExportLogsServiceRequest, JSON encoding, see otlp.h
};

/// "events", "backstage", "otlp".
[[nodiscard]] std::string_view dialect_name(Dialect dialect);
/// By that name; nullopt for any other.
[[nodiscard]] std::optional<Dialect> dialect_of(std::string_view name);

}  // namespace tally::dialect
