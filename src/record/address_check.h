// SPDX-License-Identifier: Apache-2.0
// Addresses that somebody is told to go to: whether a client that goes there is led where only its
// own network should (MCP, security best practices: SSRF in OAuth discovery, phishing by URL).
#pragma once

#include <string>
#include <string_view>

namespace tally::record {

/// Whether a host (of a URL or a Host header, port allowed) is one of the open network as far as
/// its text says. Not: addresses of private ranges, localhost, .local, .internal, names without a
/// dot.
[[nodiscard]] bool is_public_host(std::string_view host);

/// What is wrong with a URL, in one word; empty: nothing. Static text.
/// - scheme: neither http nor https; credentials: user information in it;
/// - metadata_service, link_local: addresses that give credentials of a cloud's machine;
/// - odd_address: an address written so that filters overlook it (decimal, hexadecimal, escaped,
///   in other scripts), or with blanks, line ends or control characters in it;
/// - not_https: http to a public host;
/// - loopback, private_range: only with `from_public`, that is, told by somebody who is public.
[[nodiscard]] std::string_view url_risk(std::string_view url, bool from_public);

}  // namespace tally::record
