// SPDX-License-Identifier: Apache-2.0
// One OTLP LogRecord as an event.
#pragma once

#include "base/json.h"
#include "dialect/otlp.h"

#include <string>

namespace tally::dialect {

/// What the records of one scope share: JSON objects, empty where there is none.
struct OtlpShared {
  std::string resource{};      ///< its attributes
  std::string scope{};         ///< {"name","version","attributes",...}
  std::string other{};         ///< what the levels above hold beside that
  std::string service_name{};  ///< resource attribute
  std::string trouble{};       ///< why no record of it can be taken; empty: none
  [[nodiscard]] std::size_t bytes() const { return resource.size() + scope.size() + other.size(); }
};

/// `record`: a LogRecord, checked to repeat no member. Attributes with a place of their own
/// (OpenTelemetry semantic conventions, and names of our fields) are put there too; all stay in
/// details.attributes.
[[nodiscard]] OtlpRecord convert_record(json::Value record, const OtlpShared& shared);

}  // namespace tally::dialect
