// SPDX-License-Identifier: Apache-2.0
// Parameters of one request, checked by the table of operations: nothing unknown, nothing twice,
// nothing of another type gets further.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "server/operation.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tally::server {

/// Values that were given and are of their kind. Absent ones are nullopt.
class Parameters {
 public:
  [[nodiscard]] std::optional<std::string_view> text(std::string_view name) const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const;
  [[nodiscard]] bool boolean(std::string_view name, bool fallback = false) const;
  [[nodiscard]] std::optional<WallTime> time(std::string_view name) const;

  struct Value {
    const Parameter* parameter;
    std::string text;
    std::int64_t number = 0;  ///< of an integer; microseconds of a time; 1 for true
  };
  [[nodiscard]] const std::vector<Value>& all() const { return values_; }

 private:
  friend class ParameterReader;
  [[nodiscard]] const Value* find(std::string_view name) const;
  std::vector<Value> values_;
};

/// What is wrong with a parameter.
struct ParameterFault {
  std::string name;
  std::string detail;
};

/// Reads path segments, query and headers of one request.
class ParameterReader {
 public:
  /// `now` is for relative times.
  explicit ParameterReader(WallTime now) : now_(now) {}

  /// Fault: what is told to the client with status 422.
  [[nodiscard]] std::optional<ParameterFault> read_path(const Operation& operation,
                                                        const std::vector<std::string>& segments);
  [[nodiscard]] std::optional<ParameterFault> read_query(const Operation& operation,
                                                         std::string_view query);
  [[nodiscard]] std::optional<ParameterFault> add(const Parameter& parameter, std::string text);
  [[nodiscard]] Parameters take() { return std::move(out_); }

 private:
  WallTime now_;
  Parameters out_;
};

}  // namespace tally::server
