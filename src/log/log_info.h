// SPDX-License-Identifier: Apache-2.0
// log.json: what a log is; written once, last at creation, never changed.
#pragma once

#include "base/result.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "log/layout.h"

#include <string>
#include <string_view>

namespace tally::log {

struct LogInfo {
  std::string id;      ///< LOGID: log_id_of() the key it was created with; names the private folder
  std::string origin;  ///< first line of every checkpoint, and the key's name
  crypto::HashAlgorithm hash;
  friend bool operator==(const LogInfo&, const LogInfo&) = default;
};

/// 16 hex digits: the first 8 bytes of SHA-256 over "tallystick log id", LF and the raw public key.
/// So that nobody can change the id of a log and with it the folder in which its key is looked up
/// (docs/decisions/0002).
std::string log_id_of(const crypto::VerifyingKey& key);

/// {"format":1,"id":"…","origin":"…","hash":"…"} and a newline.
std::string format_log_info(const LogInfo& info);
/// Strict: formatting the result gives the same bytes. Errors: malformed; unsupported for a newer
/// format.
Result<LogInfo> parse_log_info(std::string_view text);
/// Reads log.json. not_found says that the directory is not a log.
Result<LogInfo> read_log_info(storage::FileSystem& fs, const Layout& layout);
}  // namespace tally::log
