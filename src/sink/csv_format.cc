// SPDX-License-Identifier: Apache-2.0
// Entries as CSV (RFC 4180) that no spreadsheet takes for formulas.
#include "sink/csv_format.h"

#include "index/csv.h"
#include "sink/formats.h"

#include <algorithm>

namespace tally::sink {
namespace {

using Kind = CsvColumn::Kind;

/// A JSON number can be no formula, also when it begins with '-'.
bool is_number(std::string_view raw) {
  return !raw.empty() && (raw[0] == '-' || (raw[0] >= '0' && raw[0] <= '9')) &&
         raw.find_first_not_of("+-.0123456789Ee") == std::string_view::npos;
}

class Csv final : public Exporter {
 public:
  void begin(std::string& out) override {
    for (const CsvColumn& column : kCsvColumns) {
      out += column.name;
      out += &column == &kCsvColumns.back() ? "\r\n" : ",";
    }
  }

  void entry(std::string& out, const Entry& entry) override {
    const bool readable = view_.parse(entry.line);
    for (const CsvColumn& column : kCsvColumns) {
      switch (column.kind) {
        case Kind::field:
          if (readable) {
            append_field(out, column.field);
          } else {
            append_of_unreadable(out, column.field, entry);
          }
          break;
        case Kind::other:
          if (readable && !view_.others().empty()) {
            index::append_csv_cell(out, index::other_members(view_));
          }
          break;
        case Kind::checksum: out += entry.checksum; break;
        case Kind::previous: out += entry.previous; break;
      }
      out += &column == &kCsvColumns.back() ? "\r\n" : ",";
    }
  }

 private:
  void append_field(std::string& out, event::Field field) {
    const std::string_view raw = view_.raw(field);
    if (is_number(raw)) {
      out += raw;
    } else if (!raw.empty()) {
      index::append_csv_cell(out, view_.text(field, storage_));
    }
  }

  static void append_of_unreadable(std::string& out, event::Field field, const Entry& entry) {
    if (field == event::Field::seq) out += std::to_string(entry.seq);
    if (field == event::Field::details) index::append_csv_cell(out, entry.line);
  }

  event::EventView view_;
  std::string storage_;
};

}  // namespace

std::unique_ptr<Exporter> make_csv() { return std::make_unique<Csv>(); }

}  // namespace tally::sink
