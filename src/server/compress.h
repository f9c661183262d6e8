// SPDX-License-Identifier: Apache-2.0
// gzip for answers (RFC 1952), whole or piece by piece.
#pragma once

#include "server/answer.h"

#include <memory>
#include <string>
#include <string_view>

namespace tally::server {

/// Whether the value of Accept-Encoding takes gzip: named, or by "*", and not with q=0 (RFC 9110
/// section 12.5.3).
[[nodiscard]] bool accepts_gzip(std::string_view accept_encoding);
/// Text and JSON.
[[nodiscard]] bool is_compressible(std::string_view media_type);

[[nodiscard]] std::string gzip(std::string_view bytes);

/// The same body compressed; what `inner` waits for is flushed before.
[[nodiscard]] std::shared_ptr<BodySource> gzip_source(std::shared_ptr<BodySource> inner);

/// Whether If-None-Match names this tag (weak comparison, RFC 9110 section 13.1.2).
[[nodiscard]] bool etag_matches(std::string_view if_none_match, std::string_view etag);

}  // namespace tally::server
