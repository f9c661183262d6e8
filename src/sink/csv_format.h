// SPDX-License-Identifier: Apache-2.0
// Columns of the CSV export, in order: part of its interface, and printed into the documentation.
#pragma once

#include "event/fields.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace tally::sink {

/// What a column holds; an index of event::kFieldNames where it is a field.
struct CsvColumn {
  enum class Kind : unsigned char { field, other, checksum, previous };
  std::string_view name;
  Kind kind = Kind::field;
  event::Field field = event::Field::seq;
};

/// All fields in the order of a line but for `details`, which is long and comes last.
inline constexpr auto kCsvColumns = [] {
  std::array<CsvColumn, event::kFieldCount + 3> out{};
  std::size_t size = 0;
  for (std::size_t i = 0; i < event::kFieldCount; ++i) {
    const auto field = static_cast<event::Field>(i);
    if (field == event::Field::details) continue;
    out[size++] = {event::name_of(field), CsvColumn::Kind::field, field};
  }
  out[size++] = {"other", CsvColumn::Kind::other};
  out[size++] = {"checksum", CsvColumn::Kind::checksum};
  out[size++] = {"previous_checksum", CsvColumn::Kind::previous};
  out[size++] = {"details", CsvColumn::Kind::field, event::Field::details};
  return out;
}();

}  // namespace tally::sink
