// SPDX-License-Identifier: Apache-2.0
#include "dialect/dialect.h"

#include "base/check.h"

namespace tally::dialect {

std::string_view dialect_name(Dialect dialect) {
  switch (dialect) {
    case Dialect::events: return "events";
    case Dialect::backstage: return "backstage";
    case Dialect::otlp: return "otlp";
  }
  TALLY_CHECK(!"Dialect out of range");
}

std::optional<Dialect> dialect_of(std::string_view name) {
  for (const Dialect each : {Dialect::events, Dialect::backstage, Dialect::otlp}) {
    if (dialect_name(each) == name) return each;
  }
  return std::nullopt;
}

}  // namespace tally::dialect
