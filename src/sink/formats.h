// SPDX-License-Identifier: Apache-2.0
// The formats of an export as a table: command line, API and documentation know them from here.
#pragma once

#include "sink/exporter.h"

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace tally::sink {

[[nodiscard]] std::unique_ptr<Exporter> make_json();
[[nodiscard]] std::unique_ptr<Exporter> make_ndjson();
[[nodiscard]] std::unique_ptr<Exporter> make_csv();
[[nodiscard]] std::unique_ptr<Exporter> make_backstage();

struct Format {
  std::string_view name;
  std::string_view media_type;
  std::string_view extension;  ///< of files, without the dot
  std::string_view summary;
  std::unique_ptr<Exporter> (*make)();
};

inline constexpr std::array kFormats{
    Format{"json", "application/json", "json", "an array of whole entries", make_json},
    Format{"ndjson", "application/x-ndjson", "ndjson", "whole entries, one a line", make_ndjson},
    Format{"csv", "text/csv; charset=utf-8; header=present", "csv",
           "RFC 4180, one row an entry, for spreadsheets", make_csv},
    Format{"backstage", "application/x-ndjson", "ndjson",
           "events as Backstage's auditor emits them, one a line", make_backstage},
};

/// Their names, in order.
inline constexpr auto kFormatNames = [] {
  std::array<std::string_view, kFormats.size()> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = kFormats[i].name;
  return out;
}();

/// The format of exactly this name; null when there is none. Static storage.
[[nodiscard]] const Format* find_format(std::string_view name);
/// "json, ndjson, csv or backstage".
[[nodiscard]] std::string format_names_text();

/// docs/export-formats.md.
[[nodiscard]] std::string formats_markdown();

}  // namespace tally::sink
