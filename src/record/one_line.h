// SPDX-License-Identifier: Apache-2.0
// Records are one line each, messages need not be.
#pragma once

#include <string>
#include <string_view>

namespace tally::record {

/// Valid JSON with its line breaks replaced by spaces: a raw line break in it can only be white
/// space. `buffer` is used only if there is one.
inline std::string_view on_one_line(std::string_view text, std::string& buffer) {
  if (text.find('\r') == std::string_view::npos && text.find('\n') == std::string_view::npos) {
    return text;
  }
  buffer = text;
  for (char& c : buffer) {
    if (c == '\r' || c == '\n') c = ' ';
  }
  return buffer;
}

}  // namespace tally::record
