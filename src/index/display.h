// SPDX-License-Identifier: Apache-2.0
// Logged text on a terminal: what it contains never reaches the terminal as a control sequence.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tally::index {

/// `text` on one line. Control characters (C0, DEL, C1), line separators, and characters that
/// reorder or hide text (bidirectional controls, zero-width spaces, tags) are written as \n, \x1b,
/// \u202e; ill-formed UTF-8 as U+FFFD.
[[nodiscard]] std::string visible(std::string_view text);

/// Columns that `text` takes on a terminal: wide characters 2, combining ones 0. For visible()
/// text.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// `text` cut to `columns` with "…" at the end when something is missing; never cuts a character.
[[nodiscard]] std::string fit(std::string_view text, std::size_t columns);

/// The same, but the end is kept: "…/files/read".
[[nodiscard]] std::string fit_end(std::string_view text, std::size_t columns);

/// fit(), filled with spaces to exactly `columns`.
[[nodiscard]] std::string fit_padded(std::string_view text, std::size_t columns);

}  // namespace tally::index
