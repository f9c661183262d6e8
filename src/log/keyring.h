// SPDX-License-Identifier: Apache-2.0
// The private folder of a log: keys live outside the log directory, so that who can write the log's
// files cannot also sign for it (docs/format/log.md, "Keys").
#pragma once

#include "base/random.h"
#include "base/result.h"
#include "crypto/note_key.h"
#include "log/head.h"
#include "log/log_info.h"
#include "storage/file_system.h"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tally::log {

/// Reads an environment variable; passed in so that tests have their own environment.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();

/// All secrets of one log. Move-only.
struct Keys {
  /// New ones, named `origin`, or HOST/LOGID when that is empty. Errors: invalid_argument for an
  /// origin that cannot name a key.
  [[nodiscard]] static Result<Keys> generate(std::string origin, const std::string& host,
                                             Random& random);
  /// LOGID of a log that is created with them.
  [[nodiscard]] std::string log_id() const { return log_id_of(signer.verifier().key()); }
  crypto::NoteSigner signer;             ///< sign.key: signs checkpoints
  std::array<std::byte, 32> head_key;    ///< head.key: authenticates the commit mark
  std::array<std::byte, 32> digest_key;  ///< hmac.key: keyed digests in events
  [[nodiscard]] HeadKey for_heads() const { return {head_key, signer.name()}; }
};

/// Where a log's private folder is.
class KeyFolder {
 public:
  /// `override_path` (from a flag) or $TALLYSTICK_KEYS is the folder itself; else
  /// $XDG_CONFIG_HOME/tallystick/LOGID, else ~/.config/tallystick/LOGID. Errors: invalid_argument
  /// without HOME.
  [[nodiscard]] static Result<KeyFolder> locate(const std::string& log_id,
                                                const std::string& override_path,
                                                const Environment& environment);
  explicit KeyFolder(std::string path) : path_(std::move(path)) {}
  [[nodiscard]] const std::string& path() const { return path_; }

  /// Keys for a log that does not exist yet: makes the folder (0700) and new keys (0600), durable,
  /// marked as not used by any log. already_exists when there is a sign.key.
  [[nodiscard]] Result<Keys> prepare(storage::FileSystem& fs, std::string origin,
                                     const std::string& host, Random& random) const;
  /// Prepared keys that no log has used; nullopt when there are none. Errors as load().
  [[nodiscard]] Result<std::optional<Keys>> take_prepared(storage::FileSystem& fs) const;
  /// From here on a log has them: two logs with one key would be two histories under one name.
  [[nodiscard]] Result<void> mark_used(storage::FileSystem& fs) const;
  /// already_exists when there is a sign.key.
  [[nodiscard]] Result<void> check_unused(storage::FileSystem& fs) const;
  /// Makes the folder and writes the keys, durable, replacing what is there.
  [[nodiscard]] Result<void> store(storage::FileSystem& fs, const Keys& keys) const;
  /// Errors: not_found naming the folder and the flag; permission_denied when others can read a
  /// key; malformed.
  [[nodiscard]] Result<Keys> load(storage::FileSystem& fs) const;
  /// The pinned public key (sign.pub), for verification without the secret one; nullopt when there
  /// is none.
  [[nodiscard]] Result<std::optional<crypto::NoteVerifier>> pinned(storage::FileSystem& fs) const;
  /// The head key alone, when this user has it.
  [[nodiscard]] std::optional<std::array<std::byte, 32>> head_key(storage::FileSystem& fs) const;

 private:
  [[nodiscard]] Result<void> write_all(storage::FileSystem& fs, const Keys& keys) const;
  std::string path_;
};

/// Default log directory: $TALLYSTICK_LOG, else $XDG_STATE_HOME/tallystick/log, else
/// ~/.local/state/tallystick/log.
[[nodiscard]] Result<std::string> default_log_directory(const Environment& environment);

}  // namespace tally::log
