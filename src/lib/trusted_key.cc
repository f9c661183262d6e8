// SPDX-License-Identifier: Apache-2.0
#include "lib/trusted_key.h"

#include "base/limits.h"

#include <utility>

namespace tally::lib {

Result<crypto::NoteVerifier> trusted_key(storage::FileSystem& fs, const log::Layout& layout,
                                         const log::LogInfo& info, const std::string& keys_path,
                                         const log::Environment& environment) {
  // Without HOME there is no private folder, and the log's own key has to do.
  if (const auto folder = log::KeyFolder::locate(info.id, keys_path, environment)) {
    TALLY_TRY(auto pinned, folder->pinned(fs));
    if (pinned) return std::move(*pinned);
  }
  TALLY_TRY(std::string line, storage::read_file(fs, layout.public_key(), kSmallFileBytesMax));
  if (line.ends_with('\n')) line.pop_back();
  return with_context(crypto::NoteVerifier::parse(line), layout.public_key());
}

}  // namespace tally::lib
