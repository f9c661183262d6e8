// SPDX-License-Identifier: Apache-2.0
#include "index/table.h"

#include "base/json_writer.h"
#include "event/duration.h"
#include "event/event.h"
#include "index/csv.h"
#include "index/dangling.h"

#include <algorithm>
#include <array>

namespace tally::index {
namespace {

using event::Field;

constexpr std::size_t kWidthMin = 40;
constexpr std::string_view kGap = "  ";

/// SGR parameters for a result; empty: none.
std::string_view colour_of(std::string_view result) {
  const auto value = event::from_text<event::EventResult>(result);
  if (!value) return "7";
  switch (*value) {
    case event::EventResult::success: return "32";
    case event::EventResult::failure: return "33";
    case event::EventResult::denied: return "35";
    case event::EventResult::error: return "31";
    case event::EventResult::deferred:
    case event::EventResult::pending: return "36";
    case event::EventResult::unknown: return "33";
  }
  return {};
}

/// "2026-11-21T19:00:00.123456Z" as far as there is room.
std::string short_time(std::string_view time, std::size_t width) {
  if (time.size() < 19) return visible(time);
  std::string text(time.substr(0, 19));
  text[10] = ' ';
  if (width >= 19) return text;
  return width >= 14 ? text.substr(5) : text.substr(11);
}

/// Milliseconds; from a second on without decimals, which then say nothing.
std::string short_duration(std::string_view json) {
  const auto duration = event::parse_milliseconds(json);
  if (!duration || *duration < std::chrono::seconds{1}) return visible(json);
  return std::to_string(std::chrono::round<std::chrono::milliseconds>(*duration).count());
}

}  // namespace

std::optional<Format> format_from_text(std::string_view text) {
  if (text == "table") return Format::table;
  if (text == "json") return Format::json;
  if (text == "ndjson") return Format::ndjson;
  if (text == "csv") return Format::csv;
  return std::nullopt;
}

struct Printer::Column {
  Field field;
  std::string_view title;
  std::size_t width;
  bool right = false;
};

Printer::Printer(Format format, TableOptions options) : format_(format), options_(options) {
  options_.width = std::max(options_.width, kWidthMin);
  if (format_ == Format::table) lay_out();
}

Printer::~Printer() = default;

/// Fixed columns first; what is left is shared by those whose texts vary. Narrow terminals lose the
/// least telling.
void Printer::lay_out() {
  const std::size_t width = options_.width;
  const bool wide = width >= 100;
  columns_ = {{Field::seq, "SEQ", 7, true},
              {Field::timestamp, wide ? "TIME (UTC)" : "UTC",
               wide          ? 19U
               : width >= 70 ? 14U
                             : 8U},
              {Field::event_result, "RESULT", 8},
              {Field::event_name, "EVENT", wide ? 22U : 18U}};
  if (width >= 70) columns_.push_back({Field::actor_id, "ACTOR", 0});
  columns_.push_back({Field::target_id, "TARGET", 0});
  if (wide) columns_.push_back({Field::duration_ms, "MS", 9, true});
  if (wide) columns_.push_back({Field::error_message, "ERROR", 0});
  std::size_t used = kGap.size() * (columns_.size() - 1);
  std::size_t shares = 0;
  const auto share_of = [](Field field) { return field == Field::actor_id ? 2U : 3U; };
  for (const Column& column : columns_) {
    used += column.width;
    if (column.width == 0) shares += share_of(column.field);
  }
  std::size_t rest = width > used ? width - used : 0;
  for (Column& column : columns_) {
    if (column.width != 0) continue;
    const std::size_t share = share_of(column.field);
    column.width = std::max<std::size_t>(rest * share / shares, 4);
    rest -= std::min(rest, column.width);
    shares -= share;
  }
}

void Printer::begin(std::string& out) {
  if (format_ == Format::json) out += '[';
  if (format_ == Format::csv) append_csv_header(out);
  if (format_ != Format::table || !options_.header) return;
  std::string line;
  for (const Column& column : columns_) {
    if (!line.empty()) line += kGap;
    const std::string title = fit_padded(column.title, column.width);
    line += column.right
                ? std::string(column.width - std::min(column.width, column.title.size()), ' ') +
                      fit(column.title, column.width)
                : title;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out += options_.colour ? "\x1b[1m" + line + "\x1b[0m\n" : line + '\n';
}

void Printer::event(std::string& out, std::string_view line, bool dangles) {
  switch (format_) {
    case Format::table: table_row(out, line, dangles); break;
    case Format::csv: csv_row(out, line, dangles); break;
    case Format::ndjson:
      if (view_.parse(line)) {
        out += line;
        out += '\n';
      } else {
        unreadable(out, line);
      }
      break;
    case Format::json:
      out += first_ ? "\n" : ",\n";
      if (view_.parse(line)) {
        out += dangles ? as_dangling(line) : line;
      } else {
        unreadable(out, line);
      }
      break;
  }
  first_ = false;
}

void Printer::end(std::string& out) {
  if (format_ == Format::json) out += first_ ? "]\n" : "\n]\n";
}

void Printer::unreadable(std::string& out, std::string_view line) const {
  json::ObjectWriter w(out);
  w.string("unreadable", line);
  w.end();
  if (format_ == Format::ndjson) out += '\n';
}

void Printer::csv_row(std::string& out, std::string_view line, bool dangles) {
  if (!view_.parse(line)) {
    append_csv_unreadable(out, line);
    return;
  }
  append_csv_row(out, view_, dangles);
}

void Printer::table_row(std::string& out, std::string_view line, bool dangles) {
  if (!view_.parse(line)) {
    out += fit("unreadable: " + visible(line), options_.width) + '\n';
    return;
  }
  std::string storage;
  std::string row;
  for (const Column& column : columns_) {
    if (&column != &columns_.front()) row += kGap;
    std::string_view text = view_.text(column.field, storage);
    if (column.field == Field::target_id && text.empty())
      text = view_.text(Field::target_name, storage);
    if (dangles && column.field == Field::event_result) text = "unknown";
    const std::string shown = column.field == Field::timestamp     ? short_time(text, column.width)
                              : column.field == Field::duration_ms ? short_duration(text)
                                                                   : visible(text);
    if (column.right) {
      const std::size_t width = display_width(shown);
      // A number is never cut: a wrong one would be worse than a crooked line.
      row.append(column.width - std::min(column.width, width), ' ');
      row += shown;
      continue;
    }
    // The tool's name stands at the end of its id.
    const std::string fitted =
        column.field == Field::target_id ? fit_end(shown, column.width) : shown;
    const bool last = &column == &columns_.back();
    const std::string cell = last ? fit(fitted, column.width) : fit_padded(fitted, column.width);
    const bool coloured = options_.colour && column.field == Field::event_result;
    if (coloured) row += "\x1b[" + std::string(colour_of(text)) + 'm';
    row += cell;
    if (coloured) row += "\x1b[0m";
  }
  row.erase(row.find_last_not_of(' ') + 1);
  out += row + '\n';
}

}  // namespace tally::index
