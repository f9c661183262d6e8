// SPDX-License-Identifier: Apache-2.0
// log.json: what a log is; written once, last at creation, never changed.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/hash.h"
#include "log/layout.h"

namespace tally::log {

struct LogInfo {
  std::string id;      ///< LOGID: 64 random bits as 16 hex digits; names the private folder
  std::string origin;  ///< first line of every checkpoint, and the key's name
  crypto::HashAlgorithm hash;
  friend bool operator==(const LogInfo&, const LogInfo&) = default;
};

/// {"format":1,"id":"…","origin":"…","hash":"…"} and a newline.
std::string format_log_info(const LogInfo& info);
/// Strict: formatting the result gives the same bytes. Errors: malformed; unsupported for a newer format.
Result<LogInfo> parse_log_info(std::string_view text);
/// Reads log.json. not_found says that the directory is not a log.
Result<LogInfo> read_log_info(storage::FileSystem& fs, const Layout& layout);
}  // namespace tally::log
