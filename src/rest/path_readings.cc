// SPDX-License-Identifier: Apache-2.0
#include "rest/path_readings.h"

#include "http/chars.h"
#include "http/target.h"

#include <algorithm>
#include <utility>

namespace tally::rest {
namespace {

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '~' || c == '@' || c == ':' || c == '+' || c == ',';
}

/// Whether every server reads it the same: words between single slashes. A dot is part of a word
/// unless the segment begins with it.
bool is_plain(std::string_view path) {
  if (!path.starts_with('/') || (path.size() > 1 && path.back() == '/')) return false;
  char before = '\0';
  for (const char c : path) {
    const bool fine = is_word_char(c) || (c == '/' && before != '/') || (c == '.' && before != '/');
    if (!fine) return false;
    before = c;
  }
  return true;
}

std::string decode_unreserved(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '%' && i + 2 < path.size()) {
      const std::string decoded = http::percent_decode(path.substr(i, 3));
      if (decoded.size() == 1 && (is_word_char(decoded[0]) || decoded[0] == '.') &&
          std::string_view(":@+,").find(decoded[0]) == std::string_view::npos) {
        out += decoded;
        i += 2;
        continue;
      }
    }
    out += path[i];
  }
  return out;
}

enum class Dots : unsigned char { resolve, keep };

/// Segments joined again: empty ones dropped, "." and ".." applied unless they are kept.
std::string joined(std::string_view path, Dots dots) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (segment.empty()) continue;
    if (dots == Dots::resolve && segment == ".") continue;
    if (dots == Dots::resolve && segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else {
      segments.push_back(segment);
    }
  }
  std::string out;
  for (const std::string_view segment : segments) out.append("/").append(segment);
  return out.empty() ? "/" : out;
}

std::string without_parameters(std::string_view path) {
  std::string out;
  bool skipping = false;
  for (const char c : path) {
    if (c == '/') skipping = false;
    if (c == ';') skipping = true;
    if (!skipping) out += c;
  }
  return out;
}

std::string decode_all(std::string_view path) {
  std::string out = http::percent_decode(path);
  std::ranges::replace(out, '\\', '/');
  return out;
}

}  // namespace

std::vector<std::string> path_readings(std::string_view path) {
  std::vector<std::string> out;
  if (is_plain(path)) {
    out.emplace_back(path);
    return out;
  }
  const auto add = [&out](std::string reading) {
    if (std::ranges::find(out, reading) == out.end()) out.push_back(std::move(reading));
  };
  add(joined(decode_unreserved(path), Dots::resolve));
  const std::string decoded = decode_all(path);
  add(joined(decoded, Dots::resolve));
  add(joined(decoded, Dots::keep));
  if (decoded.find('%') != std::string::npos) add(joined(decode_all(decoded), Dots::resolve));
  if (path.find(';') != std::string_view::npos || decoded.find(';') != std::string::npos) {
    add(joined(decode_all(without_parameters(path)), Dots::resolve));
    add(joined(without_parameters(decoded), Dots::resolve));
  }
  if (const std::size_t nul = decoded.find('\0'); nul != std::string::npos) {
    add(joined(std::string_view(decoded).substr(0, nul), Dots::resolve));
  }
  return out;
}

}  // namespace tally::rest
