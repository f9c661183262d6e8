// SPDX-License-Identifier: Apache-2.0
#include "index/csv.h"

#include "base/encoding.h"
#include "index/dangling.h"

namespace tally::index {

using event::Field;

void append_csv_cell(std::string& out, std::string_view text) {
  if (text.empty()) return;
  const std::string clean = utf8_repair(text);
  const bool formula = std::string_view("=+-@\t\r").find(clean[0]) != std::string_view::npos;
  if (!formula && clean.find_first_of(",\"\r\n") == std::string::npos) {
    out += clean;
    return;
  }
  out += '"';
  if (formula) out += '\'';
  for (const char c : clean) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

std::string other_members(const event::EventView& view, bool dangles) {
  std::string out;
  for (const auto& other : view.others()) {
    out += out.empty() ? "{\"" : ",\"";
    out += other.key;
    out += "\":";
    out += other.raw;
  }
  if (!out.empty()) out += '}';
  if (dangles) out = as_dangling(out.empty() ? "{}" : out);
  return out;
}

void append_csv_header(std::string& out) {
  for (const std::string_view name : event::kFieldNames) {
    out += name;
    out += ',';
  }
  out += "other\r\n";
}

void append_csv_row(std::string& out, const event::EventView& view, bool dangles) {
  std::string storage;
  for (std::size_t i = 0; i < event::kFieldCount; ++i) {
    const auto field = static_cast<Field>(i);
    const bool judged = dangles && field == Field::event_result;
    append_csv_cell(out, judged ? std::string_view("unknown") : view.text(field, storage));
    out += ',';
  }
  append_csv_cell(out, other_members(view, dangles));
  out += "\r\n";
}

void append_csv_unreadable(std::string& out, std::string_view line) {
  out.append(event::kFieldCount, ',');
  append_csv_cell(out, line);
  out += "\r\n";
}

}  // namespace tally::index
