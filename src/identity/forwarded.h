// SPDX-License-Identifier: Apache-2.0
// Whom a request came from before the proxies that passed it on: X-Forwarded-For and Forwarded (RFC
// 7239), read from the near end and only as far as each hop is trusted.
#pragma once

#include "http/fields.h"
#include "identity/address.h"

#include <optional>
#include <span>

namespace tally::identity {

/// The address of the client, given that the peer itself is trusted: the first hop from the right
/// that is not in `trusted`; the leftmost when all are. nullopt when neither header is there, when
/// the nearest hop is no address, or when both headers are there and disagree, because then a
/// client may have added one that our proxies do not know.
[[nodiscard]] std::optional<Address> forwarded_client(const http::FieldList& fields,
                                                      std::span<const Network> trusted);

}  // namespace tally::identity
