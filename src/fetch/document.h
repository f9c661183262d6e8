// SPDX-License-Identifier: Apache-2.0
// One document from a URL, bounded in size and time: key sets of issuers of tokens.
#pragma once

#include "base/result.h"

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>

namespace tally::fetch {

struct DocumentOptions {
  std::string url;      ///< https, or http on this machine; see check_url()
  std::string ca_file;  ///< certificates to believe instead of the system's; empty: the system's
  std::size_t bytes_max = 0;  ///< of the document, decoded
  std::chrono::milliseconds time_max{0};
};

/// Plain http only to this machine: who reads along could put other keys in. Errors:
/// invalid_argument with what to write.
[[nodiscard]] Result<void> check_url(const std::string& url);

/// GET; blocks until it is there, `time_max` is over or `stop`. Redirects are not followed. Errors:
/// unsupported without libcurl, too_large, timeout, io (unreachable, not trusted, no 200).
[[nodiscard]] Result<std::string> fetch_document(const DocumentOptions& options,
                                                 const std::stop_token& stop = {});

}  // namespace tally::fetch
