// SPDX-License-Identifier: Apache-2.0
// Events for people (a table) and programs (ndjson, json, csv). What a logged text contains never
// reaches the terminal as a control sequence.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tally::index {

enum class Format : std::uint8_t { table, json, ndjson, csv };
/// "table", "json", "ndjson", "csv"; nullopt for anything else.
std::optional<Format> format_from_text(std::string_view text);

struct TableOptions {
  std::size_t width = 120;  ///< columns of the terminal; at least 40 are used
  bool colour = false;      ///< SGR sequences around result and severity
  bool header = true;
};

/// Turns lines of the log into output, one call per event; nothing is kept, so any number of events
/// streams. No I/O: every call appends to `out`. Not thread-safe.
class Printer {
 public:
  Printer(Format format, TableOptions options);
  /// What stands before the first event: table header, '[' or the names of the CSV columns.
  void begin(std::string& out);
  /// One line of the log, without LF. A line that cannot be read is shown as such, never left out.
  void event(std::string& out, std::string_view line);
  /// What stands behind the last event.
  void end(std::string& out);

 private:
  void table_row(std::string& out, std::string_view line) const;
  void csv_row(std::string& out, std::string_view line) const;
  Format format_;
  TableOptions options_;
  bool first_ = true;
};

/// `text` on one line with control and bidirectional characters made visible (\n, \x1b, \u202e).
[[nodiscard]] std::string visible(std::string_view text);
/// Columns that `text` takes on a terminal: East Asian wide characters 2, combining ones 0.
[[nodiscard]] std::size_t display_width(std::string_view text);
/// `text` cut to `columns` with "…" at the end when something is missing; never cuts a character.
[[nodiscard]] std::string fit(std::string_view text, std::size_t columns);

}  // namespace tally::index
