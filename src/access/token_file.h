// SPDX-License-Identifier: Apache-2.0
// The file `tokens` of a log's private folder: one line of JSON for each API token.
#pragma once

#include "access/token.h"
#include "base/result.h"
#include "storage/file_system.h"

#include <string>
#include <string_view>
#include <vector>

namespace tally::access {

/// Not thread-safe; several processes may change one file, a lock beside it puts them in order.
class TokenFile {
 public:
  /// `folder`: the private folder (log::KeyFolder), which must exist to add. `fs` must outlive it.
  TokenFile(storage::FileSystem& fs, const std::string& folder);

  [[nodiscard]] const std::string& path() const { return path_; }

  /// What is in the file; none when there is no file. Errors: malformed with the line,
  /// permission_denied when others can read it, io.
  [[nodiscard]] Result<std::vector<TokenRecord>> load() const;
  /// Whether there ever was a token: the file stays when the last one is revoked.
  [[nodiscard]] Result<bool> exists() const;
  /// Durable when it returns. Expired tokens are left out of the new file when it would be too
  /// long otherwise. Errors: too_large at kTokensMax, already_exists for an id, as load().
  [[nodiscard]] Result<void> add(const TokenRecord& record, WallTime now) const;
  /// Takes the token with this id out; the record it had. Errors: not_found, as load().
  [[nodiscard]] Result<TokenRecord> revoke(std::string_view id) const;

  /// Which file it is now; nullopt when there is none.
  [[nodiscard]] Result<std::optional<storage::FileInfo>> info() const { return fs_->stat(path_); }
  /// The whole text of the file; empty when there is none. For those who want to know whether it
  /// changed.
  [[nodiscard]] Result<std::string> read() const;
  [[nodiscard]] static Result<std::vector<TokenRecord>> parse(std::string_view text);

 private:
  [[nodiscard]] Result<std::unique_ptr<storage::File>> lock() const;
  [[nodiscard]] Result<void> replace(const std::vector<TokenRecord>& records) const;

  storage::FileSystem* fs_;
  std::string path_;
};

}  // namespace tally::access
