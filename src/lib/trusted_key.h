// SPDX-License-Identifier: Apache-2.0
// Which key to check a log's signatures with when the caller has the log.
#pragma once

#include "base/result.h"
#include "crypto/note_key.h"
#include "log/keyring.h"
#include "log/layout.h"
#include "log/log_info.h"
#include "storage/file_system.h"

#include <string>

namespace tally::lib {

/// The key pinned in the private folder (`keys_path` overrides where that is), else the log's own
/// key.pub. Errors: not_found, malformed, permission_denied, io.
[[nodiscard]] Result<crypto::NoteVerifier> trusted_key(storage::FileSystem& fs,
                                                       const log::Layout& layout,
                                                       const log::LogInfo& info,
                                                       const std::string& keys_path,
                                                       const log::Environment& environment);

}  // namespace tally::lib
