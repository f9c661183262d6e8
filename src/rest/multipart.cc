// SPDX-License-Identifier: Apache-2.0
#include "rest/multipart.h"

#include "base/encoding.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "http/chars.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tally::rest {
namespace {

/// RFC 2046, 5.1.1.
constexpr std::size_t kBoundaryBytesMax = 70;
constexpr std::size_t kPartHeadBytesMax = 4 * kKiB;

struct Part {
  std::string name;
  std::string value;  // JSON
};

bool starts_with_folded(std::string_view text, std::string_view folded) {
  return text.size() >= folded.size() &&
         std::equal(folded.begin(), folded.end(), text.begin(),
                    [](char a, char b) { return a == http::to_lower(b); });
}

/// A parameter of Content-Disposition; nullopt: not there, or not as browsers write it.
std::optional<std::string> parameter(std::string_view line, std::string_view name) {
  const std::string start = std::string(name) + "=\"";
  for (std::size_t at = line.find(';'); at != line.npos; at = line.find(';', at + 1)) {
    std::string_view rest = line.substr(at + 1);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    if (!starts_with_folded(rest, start)) continue;
    rest.remove_prefix(start.size());
    const std::size_t end = rest.find('"');
    if (end == rest.npos) return std::nullopt;
    return utf8_repair(rest.substr(0, end));
  }
  return std::nullopt;
}

std::optional<Part> read_part(std::string_view part) {
  const std::size_t blank = part.find("\r\n\r\n");
  if (blank == part.npos || blank > kPartHeadBytesMax) return std::nullopt;
  std::string_view head = part.substr(0, blank);
  const std::string_view content = part.substr(blank + 4);
  constexpr std::string_view kDisposition = "content-disposition:";
  while (!starts_with_folded(head, kDisposition)) {
    const std::size_t end = head.find("\r\n");
    if (end == head.npos) return std::nullopt;
    head.remove_prefix(end + 2);
  }
  const std::string_view line = head.substr(0, head.find("\r\n"));
  auto name = parameter(line, "name");
  if (!name || name->empty()) return std::nullopt;
  Part out{std::move(*name), {}};
  if (line.find("filename") == line.npos) {
    json::append_string(out.value, utf8_repair(content));
    return out;
  }
  json::ObjectWriter writer(out.value);
  writer.string("file", parameter(line, "filename").value_or(""));
  writer.number("bytes", content.size());
  writer.end();
  return out;
}

std::string as_object(const std::vector<Part>& parts) {
  std::string out;
  json::ObjectWriter writer(out);
  for (auto part = parts.begin(); part != parts.end(); ++part) {
    const auto same = [&](const Part& other) { return other.name == part->name; };
    if (std::find_if(parts.begin(), part, same) != part) continue;
    writer.key(part->name);
    const bool many = std::find_if(part + 1, parts.end(), same) != parts.end();
    if (many) out += '[';
    for (auto other = part; other != parts.end(); ++other) {
      if (!same(*other)) continue;
      if (other != part) out += ',';
      out += other->value;
    }
    if (many) out += ']';
  }
  writer.end();
  return out;
}

}  // namespace

std::optional<std::string> multipart_json(std::string_view body, std::string_view boundary) {
  if (boundary.empty() || boundary.size() > kBoundaryBytesMax) return std::nullopt;
  const std::string first = "--" + std::string(boundary);
  const std::string between = "\r\n" + first;
  if (!body.starts_with(first)) return std::nullopt;
  body.remove_prefix(first.size());
  std::vector<Part> parts;
  while (!body.starts_with("--")) {
    if (!body.starts_with("\r\n") || parts.size() == kObjectMembersMax) return std::nullopt;
    body.remove_prefix(2);
    const std::size_t end = body.find(between);
    if (end == body.npos) return std::nullopt;
    auto part = read_part(body.substr(0, end));
    if (!part) return std::nullopt;
    parts.push_back(std::move(*part));
    body.remove_prefix(end + between.size());
  }
  return as_object(parts);
}

}  // namespace tally::rest
