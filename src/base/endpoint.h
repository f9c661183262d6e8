// SPDX-License-Identifier: Apache-2.0
// Where to listen and where to connect, as users write it: ADDRESS:PORT and http(s) URLs.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tally {

/// A place to listen. `host` is an IP address without brackets, or "localhost".
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;  ///< 0: the system chooses

  /// "127.0.0.1:8811", "[::1]:8811", "localhost:0". Errors: invalid_argument saying what to write.
  [[nodiscard]] static Result<Endpoint> parse(std::string_view text);
  /// As it was written: with brackets around an IPv6 address.
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// An http or https URL (RFC 3986) without user, query and fragment.
struct HttpUrl {
  bool tls = false;
  std::string host;         ///< lower case; an IPv6 address without brackets
  std::uint16_t port = 80;  ///< the scheme's own when not written
  std::string path;         ///< "" or begins with '/'; as written, no '/' alone

  /// Errors: invalid_argument saying what to write. A password in the URL is not repeated.
  [[nodiscard]] static Result<HttpUrl> parse(std::string_view text);
  /// scheme://host[:port], the port only when it is not the scheme's own (RFC 6454).
  [[nodiscard]] std::string origin() const;
  [[nodiscard]] std::string text() const { return origin() + path; }
  /// Value of the Host header: host, and the port when it is not the scheme's own.
  [[nodiscard]] std::string authority() const;
  friend bool operator==(const HttpUrl&, const HttpUrl&) = default;
};

}  // namespace tally
