// SPDX-License-Identifier: Apache-2.0
#include "identity/forwarded.h"

#include "base/limits.h"
#include "identity/text.h"

#include <algorithm>
#include <string>

namespace tally::identity {
namespace {

bool is_trusted(const Address& address, std::span<const Network> trusted) {
  return std::ranges::any_of(trusted,
                             [&](const Network& network) { return network.contains(address); });
}

/// The address of one Forwarded element: for=192.0.2.60;proto=http. Quotes hold IPv6.
std::optional<Address> forwarded_for(std::string_view element) {
  while (!element.empty()) {
    const std::string_view pair = next_element(element, ';');
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    if (!equals_ignoring_case(trim(pair.substr(0, equals)), "for")) continue;
    return parse_node(unquoted(trim(pair.substr(equals + 1))));
  }
  return std::nullopt;
}

/// Walks from the nearest hop outwards; nullopt when the nearest says nothing.
template <class Parse>
std::optional<Address> first_untrusted(const std::vector<std::string_view>& hops,
                                       std::span<const Network> trusted, Parse parse) {
  std::optional<Address> client;
  std::size_t looked_at = 0;
  for (auto hop = hops.rbegin(); hop != hops.rend() && looked_at < kForwardedMax; ++hop) {
    ++looked_at;
    const auto address = parse(*hop);
    if (!address) break;
    client = address;
    if (!is_trusted(*address, trusted)) break;
  }
  return client;
}

}  // namespace

std::optional<Address> forwarded_client(const http::FieldList& fields,
                                        std::span<const Network> trusted) {
  const bool has_plain = fields.has("X-Forwarded-For");
  const bool has_standard = fields.has("Forwarded");
  std::optional<Address> plain;
  std::optional<Address> standard;
  if (has_plain) plain = first_untrusted(fields.list("X-Forwarded-For"), trusted, parse_node);
  if (has_standard) standard = first_untrusted(fields.list("Forwarded"), trusted, forwarded_for);
  if (has_plain && has_standard) return plain == standard ? plain : std::nullopt;
  return has_plain ? plain : standard;
}

}  // namespace tally::identity
