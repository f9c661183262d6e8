// SPDX-License-Identifier: Apache-2.0
#include "http/target.h"
#include "server/operation.h"

namespace tally::server {
namespace {

/// The next segment of a path, without its slash.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view out = path.substr(0, end);
  path.remove_prefix(end);
  return out;
}

/// Values of the braces when `path` has the form of `pattern`.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  std::vector<std::string> out;
  while (pattern.starts_with('/') && path.starts_with('/')) {
    const std::string_view want = take_segment(pattern);
    if (want.ends_with("*}")) {  // the rest of the path, slashes and all
      out.push_back(http::percent_decode(path.substr(1)));
      return path.size() > 1 ? std::optional(out) : std::nullopt;
    }
    const std::string_view got = take_segment(path);
    if (want.starts_with('{')) {
      if (got.empty()) return std::nullopt;
      out.push_back(http::percent_decode(got));
    } else if (want != got) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return out;
}

}  // namespace

RouteMatch find_route(std::string_view method, std::string_view path) {
  RouteMatch out;
  const std::string_view wanted = method == "HEAD" ? std::string_view("GET") : method;
  for (const Operation& operation : operations()) {
    auto segments = match(operation.path, path);
    if (!segments) continue;
    if (operation.method == wanted) {
      out.operation = &operation;
      out.segments = std::move(*segments);
    }
    if (!out.allowed.empty()) out.allowed += ", ";
    out.allowed += operation.method;
    if (operation.method == "GET") out.allowed += ", HEAD";
  }
  if (!out.allowed.empty()) out.allowed += ", OPTIONS";
  return out;
}

}  // namespace tally::server
