// SPDX-License-Identifier: Apache-2.0
#include "record/secret_path.h"

#include "http/target.h"

#include <algorithm>

namespace tally::record {

std::string hidden_path(const rest::PathMatch& match, const redact::KeyedDigest& digest) {
  std::string path = match.reading;
  const std::string stand_in = digest(http::percent_decode(match.secret));
  for (std::size_t at = path.find(match.secret); at != std::string::npos;
       at = path.find(match.secret, at + stand_in.size())) {
    path.replace(at, match.secret.size(), stand_in);
  }
  return path;
}

namespace {

std::optional<std::string> hide_from(std::size_t begin, std::string_view url,
                                     const rest::PathTable& paths,
                                     const redact::KeyedDigest& digest) {
  const std::size_t end = std::min(url.find_first_of("?#", begin), url.size());
  for (const std::string_view method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    const rest::PathMatch match = paths.find(method, url.substr(begin, end - begin));
    if (match.secret.empty()) continue;
    return std::string(url.substr(0, begin)) + hidden_path(match, digest) +
           std::string(url.substr(end));
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> hide_secret_in(std::string_view url, const rest::PathTable& paths,
                                          const redact::KeyedDigest& digest) {
  const std::size_t host = url.find("//");
  const bool absolute = host != std::string_view::npos && host < url.find_first_of("/?#", 0) + 1;
  const std::size_t path = absolute ? std::min(url.find_first_of("/?#", host + 2), url.size()) : 0;
  // What begins with "//" names a host where it is a URL, and none where it is a path.
  for (const std::size_t begin : {path, std::size_t{0}}) {
    if (auto hidden = hide_from(begin, url, paths, digest)) return hidden;
  }
  return std::nullopt;
}

}  // namespace tally::record
