// SPDX-License-Identifier: Apache-2.0
#include "proxy/endpoint_event.h"

#include "base/limits.h"

#include <algorithm>
#include <utility>

namespace tally::proxy {
namespace {

constexpr std::string_view kMark = "\xef\xbb\xbf";

bool is_loopback(std::string_view host) {
  const bool digits = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || host == "::1" || (digits && host.starts_with("127."));
}

/// Where an absolute address leads, and what it asks for there.
struct Absolute {
  HttpUrl url;            // without path
  std::string_view rest;  // path and query, from its slash on; may be empty
};

/// nullopt for a relative address, and for one that is no http URL.
std::optional<Absolute> split(std::string_view stated, const HttpUrl& upstream) {
  std::string scheme = upstream.tls ? "https:" : "http:";
  if (const std::size_t colon = stated.find("://"); colon != std::string_view::npos) {
    if (stated.find_first_of("/?#") < colon) return std::nullopt;
    scheme = stated.substr(0, colon + 1);
    stated.remove_prefix(colon + 1);
  }
  if (!stated.starts_with("//")) return std::nullopt;
  const std::size_t end = std::min(stated.find_first_of("/?#", 2), stated.size());
  std::ranges::transform(scheme, scheme.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  auto url = HttpUrl::parse(scheme + std::string(stated.substr(0, end)));
  if (!url) return std::nullopt;
  return Absolute{std::move(*url), stated.substr(end)};
}

}  // namespace

std::optional<std::string> reachable_endpoint(std::string_view stated, const HttpUrl& upstream,
                                              const std::optional<HttpUrl>& public_url) {
  const auto absolute = split(stated, upstream);
  if (!absolute || absolute->url.port != upstream.port) return std::nullopt;
  const std::string& host = absolute->url.host;
  const bool same = host == upstream.host || (is_loopback(host) && is_loopback(upstream.host));
  if (!same) return std::nullopt;
  std::string rest(absolute->rest);
  if (!rest.starts_with('/')) rest.insert(0, 1, '/');
  // A path that begins with two slashes would be read as another host.
  if (!public_url && rest.starts_with("//")) rest.insert(0, "/.");
  return public_url ? public_url->text() + rest : rest;
}

void EndpointRewriter::feed(std::string_view bytes, std::string& out) {
  while (!done_ && !bytes.empty()) {
    if (std::exchange(after_return_, false) && bytes.front() == '\n') {
      held_ += '\n';
      bytes.remove_prefix(1);
      line_ = held_.size();
      if (!has_fields_) release(out);
      continue;
    }
    const std::size_t size = std::min(bytes.find_first_of("\r\n"), bytes.size());
    held_.append(bytes.substr(0, size));
    bytes.remove_prefix(size);
    if (bytes.empty()) break;
    const std::size_t end = held_.size();
    after_return_ = bytes.front() == '\r';
    held_ += bytes.front();
    bytes.remove_prefix(1);
    take_line(std::exchange(line_, held_.size()), end, out);
  }
  if (done_) {
    out.append(bytes);
  } else if (held_.size() > kEndpointEventBytesMax) {
    done_ = true;
    release(out);
  }
}

/// held_[begin, end) is a whole line without its end.
void EndpointRewriter::take_line(std::size_t begin, std::size_t end, std::string& out) {
  if (std::exchange(first_line_, false) &&
      std::string_view(held_).substr(begin).starts_with(kMark)) {
    begin += kMark.size();
  }
  const std::string_view line = std::string_view(held_).substr(begin, end - begin);
  if (line.empty()) return end_block(out);
  const std::size_t colon = std::min(line.find(':'), line.size());
  const std::string_view name = line.substr(0, colon);
  std::size_t value = std::min(colon + 1, line.size());
  if (value < line.size() && line[value] == ' ') ++value;
  if (name == "event") {
    has_fields_ = true;
    is_endpoint_ = line.substr(value) == "endpoint";
  } else if (name == "data") {
    has_fields_ = true;
    ++data_lines_;
    data_begin_ = begin + value;
    data_end_ = end;
  } else if (!has_fields_) {
    release(out);
  }
}

void EndpointRewriter::end_block(std::string& out) {
  if (is_endpoint_ && data_lines_ == 1 && held_.size() <= kEndpointEventBytesMax) {
    const std::string_view stated =
        std::string_view(held_).substr(data_begin_, data_end_ - data_begin_);
    if (const auto better = reachable_endpoint(stated, upstream_, public_url_)) {
      held_.replace(data_begin_, data_end_ - data_begin_, *better);
      rewritten_ = true;
    }
  }
  done_ = data_lines_ > 0;
  has_fields_ = is_endpoint_ = false;
  release(out);
}

void EndpointRewriter::release(std::string& out) {
  out.append(std::exchange(held_, {}));
  line_ = 0;
}

std::string EndpointRewriter::finish() {
  done_ = true;
  return std::exchange(held_, {});
}

}  // namespace tally::proxy
