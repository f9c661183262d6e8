// SPDX-License-Identifier: Apache-2.0
// An event while it is put together from the pieces of another system's one. What does not fit a
// field is left to the caller, who keeps it in `details`, so that nothing is lost and no odd value
// costs the whole event.
#pragma once

#include "base/json.h"
#include "event/event.h"
#include "event/fields.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tally::dialect {

class Draft {
 public:
  /// The value as that field, if event::Ingest takes it there: right type, known word, not too
  /// long. False: it is not set. A field that is set already is not set again (false).
  [[nodiscard]] bool take(event::Field field, json::Value value);
  /// Text of ours that is known to fit; a field that is set stays.
  void set(event::Field field, std::string_view text);
  /// The same for one that may be set.
  void replace(event::Field field, std::string_view json) {
    values_[event::index_of(field)] = json;
  }
  /// A raw value, known to fit.
  void set_raw(event::Field field, std::string_view json);
  /// A time: RFC 3339, "YYYY-MM-DD HH:MM:SS" (taken as UTC), or milliseconds since 1970. False:
  /// something else.
  [[nodiscard]] bool take_time(json::Value value);
  [[nodiscard]] bool take_time(std::string_view text);
  [[nodiscard]] bool has(event::Field field) const {
    return !values_[event::index_of(field)].empty();
  }
  /// An IP address in its usual text, else as it is.
  [[nodiscard]] bool take_address(json::Value value);

  /// One member of `details`; `json` is a valid value. Names must not repeat.
  void detail(std::string_view name, std::string_view json);
  [[nodiscard]] bool has_detail(std::string_view name) const;
  /// A member beside the known fields.
  void other(std::string_view name, std::string_view json);

  /// The object. The draft is empty after it.
  [[nodiscard]] std::string finish();

 private:
  std::array<std::string, event::kFieldCount> values_;  // raw JSON
  std::string details_;                                 // members, with commas
  std::vector<std::string> detail_names_;
  std::string others_;
};

/// The result for what an HTTP status (0: unknown), else the name of an error (as those of
/// @backstage/errors; empty: unknown) and its message say of a failure (contract 1).
[[nodiscard]] event::EventResult failure_of(int status, std::string_view error_name,
                                            std::string_view error_message = {});

/// Whether a member of an object stands there twice: then nothing of it may be picked by name.
[[nodiscard]] bool repeats_a_key(json::Value object);

}  // namespace tally::dialect
