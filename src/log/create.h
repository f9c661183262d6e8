// SPDX-License-Identifier: Apache-2.0
// Making a log: every file durable before log.json says that there is one.
#pragma once

#include "base/random.h"
#include "base/result.h"
#include "log/keyring.h"
#include "log/log_info.h"
#include "storage/file_system.h"

#include <string>

namespace tally::log {

struct CreateOptions {
  crypto::HashAlgorithm hash = crypto::HashAlgorithm::sha256;
  std::string origin;          ///< empty: HOST/LOGID
  std::string host;            ///< for the default origin
  std::string keys_path;       ///< overrides the private folder
  bool single_writer = false;  ///< allows file systems whose locks cannot be trusted
};

/// Refuses to write where locks and syncs cannot be trusted (NFS, SMB, 9P, FUSE), unless
/// `single_writer`.
[[nodiscard]] Result<void> check_suitable(storage::FileSystem& fs, const std::string& directory,
                                          bool single_writer);

/// Makes the directory, keys and an empty log with a signed checkpoint of size 0. An unfinished
/// creation without entries is done again. If another process finished one meanwhile, its log is
/// left alone and fine; whether this call made the log is what comes back. Errors: already_exists
/// for a directory that holds something else; permission_denied, disk_full, io.
[[nodiscard]] Result<bool> create_log(storage::FileSystem& fs, const std::string& directory,
                                      const CreateOptions& options, const Environment& environment,
                                      Random& random);

/// A log ready to be written: exists (made if missing), keys loaded.
struct OpenedLog {
  LogInfo info;
  Keys keys;
  bool created;  ///< by this very call: of several that race, one
};
/// Opens the log in `directory`, making it first when there is none. Errors: mismatch when the hash
/// algorithm asked for (`hash_given`) is not the log's.
[[nodiscard]] Result<OpenedLog> open_or_create(storage::FileSystem& fs,
                                               const std::string& directory,
                                               const CreateOptions& options, bool hash_given,
                                               const Environment& environment, Random& random);

}  // namespace tally::log
