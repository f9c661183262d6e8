// SPDX-License-Identifier: Apache-2.0
// How far a consumer of the log has come, kept so that a restart neither loses nor repeats entries.
#pragma once

#include "base/ordinal.h"
#include "base/result.h"
#include "log/layout.h"
#include "log/log_info.h"
#include "log/tree_files.h"
#include "merkle/hash_types.h"
#include "storage/file_system.h"

#include <optional>
#include <string>
#include <string_view>

namespace tally::follow {

/// Entries [0, next) of the log are taken in; `root` is the tree over exactly these, so that a log
/// that was replaced or rolled back is noticed.
struct Cursor {
  TreeSize next;
  merkle::RootHash root;
  friend bool operator==(const Cursor&, const Cursor&) = default;
};

/// Before the first entry of any log with this hash.
[[nodiscard]] Cursor start_of(const log::LogInfo& info);

/// The cursor behind entry size - 1, with the root that tree/L gives: a few reads. `size` must be
/// committed. Errors: io; corrupt when tree/L is short.
[[nodiscard]] Result<Cursor> cursor_at(log::TreeReader& tree, const log::LogInfo& info,
                                       TreeSize size);

/// {"format":1,"log":"LOGID","next":N,"root":"BASE64"} and a newline.
[[nodiscard]] std::string format_cursor(const Cursor& cursor, const log::LogInfo& info);
/// Strict: formatting the result gives the same bytes. nullopt for anything else, and for a cursor
/// of another log or hash.
[[nodiscard]] std::optional<Cursor> parse_cursor(std::string_view text, const log::LogInfo& info);

/// A cursor in a file of its own. Not thread-safe.
class CursorFile {
 public:
  /// The directory of `path` must exist when store() is called.
  CursorFile(storage::FileSystem& fs, std::string path, log::LogInfo info)
      : fs_(&fs), path_(std::move(path)), info_(std::move(info)) {}

  /// nullopt when there is none that can be used: absent, torn, or of another log. The consumer
  /// then begins anew. Errors: io, permission_denied.
  [[nodiscard]] Result<std::optional<Cursor>> load();
  /// Durable when it returns; after a crash the old or the new one is there. Store it after what
  /// was made of the entries is durable, never before.
  [[nodiscard]] Result<void> store(const Cursor& cursor);

 private:
  storage::FileSystem* fs_;
  std::string path_;
  log::LogInfo info_;
};

}  // namespace tally::follow
