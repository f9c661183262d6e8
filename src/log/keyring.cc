// SPDX-License-Identifier: Apache-2.0
#include "log/keyring.h"

#include "base/limits.h"

#include <algorithm>
#include <cstdlib>

namespace tally::log {
namespace {

constexpr std::string_view kSignKey = "sign.key";
constexpr std::string_view kPublicKey = "sign.pub";
constexpr std::string_view kHeadKey = "head.key";
constexpr std::string_view kDigestKey = "hmac.key";
constexpr std::string_view kUnusedMark = "unused";

Result<std::string> base_folder(const Environment& environment, const char* xdg,
                                const char* under_home, const char* flag) {
  // The XDG base directory specification says to ignore relative paths.
  if (const auto path = environment(xdg); path && path->starts_with('/')) return *path;
  const auto home = environment("HOME");
  if (!home || home->empty()) {
    return fail(Errc::invalid_argument,
                std::string("neither ") + xdg + " nor HOME is set; say where with " + flag);
  }
  return storage::join(*home, under_home);
}

/// One line of a key file, without its LF; refuses a secret that others can read.
Result<std::string> read_secret(storage::FileSystem& fs, const std::string& path) {
  TALLY_TRY(const auto info, fs.stat(path));
  if (!info) return fail(Errc::not_found, path + ": missing");
  if ((info->mode & 077U) != 0) {
    return fail(Errc::permission_denied,
                path +
                    ": readable by others; run chmod 600 on it, and if others have an "
                    "account here, treat the key as known to them");
  }
  TALLY_TRY(std::string text, storage::read_file(fs, path, kSmallFileBytesMax));
  if (!text.ends_with('\n'))
    return fail(Errc::malformed, path + ": not one line ended by a newline");
  text.pop_back();
  return text;
}

Result<std::array<std::byte, 32>> read_symmetric(storage::FileSystem& fs, const std::string& path) {
  TALLY_TRY(const std::string hex, read_secret(fs, path));
  const auto bytes = from_hex(hex);
  if (!bytes || bytes->size() != 32)
    return fail(Errc::malformed, path + ": not 64 lower-case hex digits");
  std::array<std::byte, 32> key{};
  std::ranges::copy(as_bytes(*bytes), key.begin());
  return key;
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

Result<KeyFolder> KeyFolder::locate(const std::string& log_id, const std::string& override_path,
                                    const Environment& environment) {
  if (!override_path.empty()) return KeyFolder(override_path);
  if (const auto path = environment("TALLYSTICK_KEYS"); path && !path->empty())
    return KeyFolder(*path);
  TALLY_TRY(const std::string config,
            base_folder(environment, "XDG_CONFIG_HOME", ".config", "--keys DIR"));
  return KeyFolder(storage::join(storage::join(config, "tallystick"), log_id));
}

Result<Keys> Keys::generate(std::string origin, const std::string& host, Random& random) {
  auto key = crypto::SigningKey::generate(random);
  if (origin.empty())
    origin = (host.empty() ? "localhost" : host) + "/" + log_id_of(key.verifying_key());
  auto signer = crypto::NoteSigner::make(origin, std::move(key));
  if (!signer) return tl::unexpected(with_context(std::move(signer), "origin " + origin).error());
  Keys keys{std::move(*signer), {}, {}};
  random.fill(keys.head_key);
  random.fill(keys.digest_key);
  return keys;
}

Result<Keys> KeyFolder::prepare(storage::FileSystem& fs, std::string origin,
                                const std::string& host, Random& random) const {
  TALLY_TRY_VOID(check_unused(fs));
  TALLY_TRY(Keys keys, Keys::generate(std::move(origin), host, random));
  TALLY_TRY_VOID(storage::make_directories(fs, path_));
  TALLY_TRY_VOID(storage::replace_file(fs, storage::join(path_, kUnusedMark),
                                       "no log has used these keys yet\n"));
  TALLY_TRY_VOID(store(fs, keys));
  return keys;
}

Result<std::optional<Keys>> KeyFolder::take_prepared(storage::FileSystem& fs) const {
  TALLY_TRY(const auto mark, fs.stat(storage::join(path_, kUnusedMark)));
  TALLY_TRY(const auto key, fs.stat(storage::join(path_, kSignKey)));
  if (!mark || !key) return std::optional<Keys>();
  TALLY_TRY(Keys keys, load(fs));
  return std::optional(std::move(keys));
}

Result<void> KeyFolder::mark_used(storage::FileSystem& fs) const {
  TALLY_TRY(const auto mark, fs.stat(storage::join(path_, kUnusedMark)));
  if (!mark) return {};
  TALLY_TRY_VOID(fs.remove(storage::join(path_, kUnusedMark)));
  return fs.sync_directory(path_);
}

Result<void> KeyFolder::check_unused(storage::FileSystem& fs) const {
  TALLY_TRY(const auto existing, fs.stat(storage::join(path_, kSignKey)));
  if (!existing) return {};
  return fail(Errc::already_exists,
              storage::join(path_, kSignKey) + ": exists; a new log needs a folder of its own");
}

Result<void> KeyFolder::store(storage::FileSystem& fs, const Keys& keys) const {
  auto stored = write_all(fs, keys);
  if (stored) return stored;
  // Half a set of keys helps nobody, and every attempt on a full disk would leave another. Best
  // effort.
  const auto whole = fs.stat(storage::join(path_, kSignKey));
  if (!whole || *whole) return stored;
  for (const auto name : {kHeadKey, kDigestKey, kPublicKey}) {
    static_cast<void>(fs.remove(storage::join(path_, name)));
  }
  static_cast<void>(fs.remove(path_));
  return stored;
}

Result<void> KeyFolder::write_all(storage::FileSystem& fs, const Keys& keys) const {
  TALLY_TRY_VOID(storage::make_directories(fs, path_));
  const auto put = [&](std::string_view name, const std::string& line) {
    return storage::replace_file(fs, storage::join(path_, name), line + "\n");
  };
  TALLY_TRY_VOID(put(kHeadKey, to_hex(keys.head_key)));
  TALLY_TRY_VOID(put(kDigestKey, to_hex(keys.digest_key)));
  TALLY_TRY_VOID(put(kPublicKey, keys.signer.verifier().vkey()));
  return put(kSignKey, keys.signer.skey());  // last: its presence says that the others are there
}

Result<Keys> KeyFolder::load(storage::FileSystem& fs) const {
  TALLY_TRY(const auto there, fs.stat(storage::join(path_, kSignKey)));
  if (!there) {
    return fail(Errc::not_found,
                path_ +
                    ": no key for this log; the log was made by another user or machine. "
                    "Give the folder that holds sign.key with --keys DIR or TALLYSTICK_KEYS");
  }
  TALLY_TRY(const std::string text, read_secret(fs, storage::join(path_, kSignKey)));
  TALLY_TRY(auto signer,
            with_context(crypto::NoteSigner::parse(text), storage::join(path_, kSignKey)));
  TALLY_TRY(const auto head, read_symmetric(fs, storage::join(path_, kHeadKey)));
  TALLY_TRY(const auto digest, read_symmetric(fs, storage::join(path_, kDigestKey)));
  return Keys{std::move(signer), head, digest};
}

Result<std::optional<crypto::NoteVerifier>> KeyFolder::pinned(storage::FileSystem& fs) const {
  const std::string path = storage::join(path_, kPublicKey);
  auto text = storage::read_file(fs, path, kSmallFileBytesMax);
  if (!text &&
      (text.error().code == Errc::not_found || text.error().code == Errc::permission_denied)) {
    return std::optional<crypto::NoteVerifier>();
  }
  TALLY_TRY(std::string line, std::move(text));
  if (!line.ends_with('\n'))
    return fail(Errc::malformed, path + ": not one line ended by a newline");
  line.pop_back();
  TALLY_TRY(auto verifier, with_context(crypto::NoteVerifier::parse(line), path));
  return std::optional<crypto::NoteVerifier>(std::move(verifier));
}

std::optional<std::array<std::byte, 32>> KeyFolder::head_key(storage::FileSystem& fs) const {
  auto key = read_symmetric(fs, storage::join(path_, kHeadKey));
  if (!key) return std::nullopt;
  return *key;
}

Result<std::string> default_log_directory(const Environment& environment) {
  if (const auto path = environment("TALLYSTICK_LOG"); path && !path->empty()) return *path;
  TALLY_TRY(const std::string state,
            base_folder(environment, "XDG_STATE_HOME", ".local/state", "--log DIR"));
  return storage::join(storage::join(state, "tallystick"), "log");
}

}  // namespace tally::log
