// SPDX-License-Identifier: Apache-2.0
// Events for people (a table) and programs (ndjson, json, csv).
#pragma once

#include "event/view.h"
#include "index/display.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::index {

enum class Format : std::uint8_t { table, json, ndjson, csv };
/// "table", "json", "ndjson", "csv"; nullopt for anything else.
std::optional<Format> format_from_text(std::string_view text);

struct TableOptions {
  std::size_t width = 120;  ///< columns of the terminal; at least 40 are used
  bool colour = false;      ///< SGR sequences around header and result
  bool header = true;
};

/// Turns lines of the log into output, one call per event; nothing is kept, so any number of events
/// streams. No I/O: every call appends to `out`. Not thread-safe. Logged text is shown through
/// visible() in tables; the other formats carry it in full, quoted by their own rules.
class Printer {
 public:
  Printer(Format format, TableOptions options);
  ~Printer();
  Printer(const Printer&) = delete;
  Printer& operator=(const Printer&) = delete;

  /// What stands before the first event: table header, '[' or the names of the CSV columns.
  void begin(std::string& out);
  /// One line of the log, without LF. A line that cannot be read is shown as such, never left out.
  /// One that `dangles` (dangling.h) has the result unknown in a table and in csv, and in json and
  /// csv what as_dangling() adds; ndjson gives the bytes of the log, because they are what is
  /// hashed.
  void event(std::string& out, std::string_view line, bool dangles = false);
  /// What stands behind the last event.
  void end(std::string& out);

 private:
  struct Column;
  void lay_out();
  void table_row(std::string& out, std::string_view line, bool dangles);
  void csv_row(std::string& out, std::string_view line, bool dangles);
  void unreadable(std::string& out, std::string_view line) const;

  Format format_;
  TableOptions options_;
  bool first_ = true;
  std::vector<Column> columns_;
  tally::event::EventView view_;
};

}  // namespace tally::index
