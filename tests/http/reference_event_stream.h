// SPDX-License-Identifier: Apache-2.0
// Server-sent events the plain way, for comparison: the whole stream as lines, then the algorithm
// of WHATWG HTML section 9.2.6 word for word.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace tally::http {

struct ReferenceEvent {
  std::string type, data, id;
  friend bool operator==(const ReferenceEvent&, const ReferenceEvent&) = default;
  friend std::ostream& operator<<(std::ostream& out, const ReferenceEvent& event) {
    return out << event.type << '|' << event.data << '|' << event.id;
  }
};

/// Lines that ended; what follows the last line end is left out.
inline std::vector<std::string> stream_lines(std::string_view stream) {
  if (stream.starts_with("\xef\xbb\xbf")) stream.remove_prefix(3);
  std::vector<std::string> lines;
  std::string line;
  for (std::size_t i = 0; i < stream.size(); ++i) {
    if (stream[i] != '\r' && stream[i] != '\n') {
      line += stream[i];
      continue;
    }
    if (stream[i] == '\r' && i + 1 < stream.size() && stream[i + 1] == '\n') ++i;
    lines.push_back(line);
    line.clear();
  }
  return lines;
}

inline std::vector<ReferenceEvent> reference_events(std::string_view stream) {
  std::vector<ReferenceEvent> out;
  std::string data, type, id;
  for (const std::string& line : stream_lines(stream)) {
    if (line.empty()) {
      if (data.empty()) {
        type.clear();
        continue;
      }
      data.pop_back();
      out.push_back({type.empty() ? "message" : type, data, id});
      data.clear();
      type.clear();
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == 0) continue;
    const std::string field = line.substr(0, colon);
    std::string value = colon == std::string::npos ? "" : line.substr(colon + 1);
    if (value.starts_with(' ')) value.erase(0, 1);
    if (field == "event") type = value;
    if (field == "data") data += value + "\n";
    if (field == "id" && value.find('\0') == std::string::npos) id = value;
  }
  return out;
}

}  // namespace tally::http
