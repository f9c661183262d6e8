// SPDX-License-Identifier: Apache-2.0
#include "record/address_check.h"

#include "base/check.h"
#include "base/ip_address.h"
#include "http/chars.h"

#include <algorithm>
#include <array>
#include <optional>

namespace tally::record {
namespace {

enum class Place { open, loopback, private_range, link_local, metadata_service, odd };

/// A host without brackets, port and dot at the end, in lower case.
std::string bare_host(std::string_view authority) {
  if (authority.starts_with('[')) {
    authority = authority.substr(1, authority.find(']') - 1);
  } else {
    authority = authority.substr(0, authority.find(':'));
  }
  std::string out(authority);
  std::ranges::transform(out, out.begin(), http::to_lower);
  if (out.ends_with('.')) out.pop_back();
  return out;
}

AddressRange range(std::string_view text) {
  const auto out = AddressRange::parse(text);
  TALLY_CHECK(out.has_value());
  return *out;
}

struct Special {
  AddressRange range;
  Place place;
};

/// The first that holds an address counts. RFC 6890, and where clouds keep credentials of machines.
const std::array<Special, 14>& special_ranges() {
  static const std::array<Special, 14> kRanges{{
      {range("169.254.169.254"), Place::metadata_service},
      {range("169.254.170.2"), Place::metadata_service},    // containers of AWS
      {range("100.100.100.200"), Place::metadata_service},  // Alibaba Cloud
      {range("fd00:ec2::254"), Place::metadata_service},
      {range("127.0.0.0/8"), Place::loopback},
      {range("0.0.0.0/8"), Place::loopback},  // reaches the host itself on Linux
      {range("::/127"), Place::loopback},     // :: and ::1
      {range("169.254.0.0/16"), Place::link_local},
      {range("fe80::/10"), Place::link_local},
      {range("10.0.0.0/8"), Place::private_range},
      {range("172.16.0.0/12"), Place::private_range},
      {range("192.168.0.0/16"), Place::private_range},
      {range("100.64.0.0/10"), Place::private_range},
      {range("fc00::/7"), Place::private_range},
  }};
  return kRanges;
}

/// What inet_aton would take for an address although it is none in four decimal parts: 2130706433,
/// 0x7f.1, 127.1.
bool is_odd_number(std::string_view host) {
  const std::size_t dot = host.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? host : host.substr(dot + 1);
  if (last.empty()) return false;
  if (last.starts_with("0x")) return true;
  return std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; });
}

/// Browsers drop line ends and tabs wherever they are, and blanks around it.
bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7f;
  });
}

Place place_of(std::string_view host) {
  if (const auto address = IpAddress::parse(host)) {
    for (const Special& special : special_ranges()) {
      if (special.range.contains(*address)) return special.place;
    }
    return Place::open;
  }
  if (host.empty() || host.find_first_of("%\\") != std::string_view::npos) return Place::odd;
  // Clients make an address of digits and dots of other scripts (UTS #46).
  if (has_control(host) ||
      std::ranges::any_of(host, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
    return Place::odd;
  if (is_odd_number(host)) return Place::odd;
  if (host == "metadata" || host == "metadata.google.internal") return Place::metadata_service;
  if (host == "localhost" || host.ends_with(".localhost")) return Place::loopback;
  const bool local = host.ends_with(".local") || host.ends_with(".internal") ||
                     host.ends_with(".home.arpa") || host.find('.') == std::string_view::npos;
  return local ? Place::private_range : Place::open;
}

bool has_scheme(std::string_view url, std::string_view scheme) {
  return url.size() > scheme.size() && url[scheme.size()] == ':' &&
         std::equal(scheme.begin(), scheme.end(), url.begin(),
                    [](char a, char b) { return a == http::to_lower(b); });
}

}  // namespace

bool is_public_host(std::string_view host) { return place_of(bare_host(host)) == Place::open; }

std::string_view url_risk(std::string_view url, bool from_public) {
  if (has_control(url)) return "odd_address";
  const bool https = has_scheme(url, "https");
  if (!https && !has_scheme(url, "http")) return "scheme";
  url.remove_prefix(url.find(':') + 1);
  // A browser takes \ for /, and does not need both of them.
  const std::size_t begin = url.find_first_not_of("/\\");
  if (begin != 2 || url.substr(0, 2) != "//") return "odd_address";
  url.remove_prefix(begin);
  const std::string_view authority = url.substr(0, url.find_first_of("/?#\\"));
  if (authority.find('@') != std::string_view::npos) return "credentials";
  switch (place_of(bare_host(authority))) {
    case Place::metadata_service: return "metadata_service";
    case Place::link_local: return "link_local";
    case Place::odd: return "odd_address";
    case Place::loopback: return from_public ? "loopback" : "";
    case Place::private_range: return from_public ? "private_range" : "";
    case Place::open: return https ? "" : "not_https";
  }
  TALLY_CHECK(false && "Place out of range");
  return {};
}

}  // namespace tally::record
