// SPDX-License-Identifier: Apache-2.0
#include "log/create.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "log/checkpoint_files.h"
#include "log/head.h"
#include "log/layout.h"
#include "log/lock_file.h"
#include "merkle/tree_hasher.h"

#include <array>
#include <optional>
#include <set>

namespace tally::log {
namespace {

/// Whether everything in the directory could be what an interrupted creation left: only our names,
/// no entry.
Result<void> check_unfinished(storage::FileSystem& fs, const Layout& layout) {
  static const std::set<std::string, std::less<>> kOurs = {
      "head", "checkpoint", "checkpoints", "key.pub", "lock", "segments", "tree", "index"};
  TALLY_TRY(const auto names, fs.list(layout.directory()));
  for (const std::string& name : names) {
    const bool temporary = name.find(".tmp") != std::string::npos;
    if (!kOurs.contains(name) && !temporary) {
      return fail(Errc::already_exists, layout.directory() + ": holds " + name +
                                            " and no log.json; it is not a log. "
                                            "Give an empty or new directory with --log DIR");
    }
  }
  TALLY_TRY(const auto segments, fs.stat(layout.segments()));
  if (!segments) return {};
  TALLY_TRY(const auto lines, fs.list(layout.segments()));
  for (const std::string& name : lines) {
    TALLY_TRY(const auto info, fs.stat(storage::join(layout.segments(), name)));
    if (info && info->size != 0) {
      return fail(Errc::corrupt, layout.directory() +
                                     ": has entries but no log.json; restore log.json from a copy");
    }
  }
  return {};
}

Result<void> create_file(storage::FileSystem& fs, const std::string& path) {
  TALLY_TRY(auto file, fs.open(path, storage::OpenMode::create));
  TALLY_TRY_VOID(file->truncate(0));
  return file->sync();
}

/// Removes what an interrupted creation left, so that every name is made anew: one whose sync
/// failed would be seen, but never be durable.
Result<void> remove_unfinished(storage::FileSystem& fs, const Layout& layout) {
  const auto remove = [&](const std::string& path) -> Result<void> {
    TALLY_TRY(const auto there, fs.stat(path));
    return there ? fs.remove(path) : Result<void>();
  };
  for (const std::string& folder : {layout.segments(), layout.tree()}) {
    TALLY_TRY(const auto there, fs.stat(folder));
    if (!there) continue;
    TALLY_TRY(const auto names, fs.list(folder));
    for (const std::string& name : names) TALLY_TRY_VOID(fs.remove(storage::join(folder, name)));
    TALLY_TRY_VOID(fs.remove(folder));
  }
  for (const std::string& file : {layout.head(), layout.checkpoint(), layout.checkpoints()}) {
    TALLY_TRY_VOID(remove(file));
  }
  return {};
}

/// All but key.pub.
Result<void> write_empty_log(storage::FileSystem& fs, const Layout& layout, const LogInfo& info,
                             const Keys& keys) {
  TALLY_TRY_VOID(fs.make_directory(layout.segments()));
  TALLY_TRY_VOID(fs.make_directory(layout.tree()));
  TALLY_TRY_VOID(create_file(fs, layout.segment(LeafIndex{0})));
  TALLY_TRY_VOID(fs.sync_directory(layout.segments()));
  TALLY_TRY_VOID(create_file(fs, layout.tree_level(0)));
  TALLY_TRY_VOID(fs.sync_directory(layout.tree()));
  TALLY_TRY_VOID(create_file(fs, layout.checkpoints()));

  merkle::TreeHasher hasher(info.hash);
  const Head head{1, TreeSize{0}, hasher.empty_root(), LeafIndex{0}, 0};
  TALLY_TRY(auto file, fs.open(layout.head(), storage::OpenMode::create));
  TALLY_TRY_VOID(
      write_head_slot(*file, 1, Head{0, head.size, head.root, head.segment, 0}, keys.for_heads()));
  TALLY_TRY_VOID(write_head_slot(*file, 0, head, keys.for_heads()));
  TALLY_TRY_VOID(file->sync());

  const merkle::Checkpoint empty{info.origin, head.size, head.root, info.hash};
  TALLY_TRY(const std::string note, merkle::sign_checkpoint(empty, keys.signer));
  TALLY_TRY_VOID(keep_checkpoint(fs, layout, note));
  TALLY_TRY_VOID(write_checkpoint(fs, layout, note));
  TALLY_TRY_VOID(fs.sync_directory(layout.directory()));
  // Last: from here on there is a log. If it cannot be made durable there is none.
  auto finished = storage::replace_file(fs, layout.info(), format_log_info(info));
  if (!finished) static_cast<void>(fs.remove(layout.info()));
  return finished;
}

/// Who the new log is.
struct Identity {
  LogInfo info;
  Keys keys;
  KeyFolder folder;
};

/// That of a creation which was interrupted after its key was made: LOG/key.pub and the private
/// folder hold the same key. Without this, a creation with a folder of the user's choice could not
/// be finished: its key is there already.
Result<std::optional<Identity>> interrupted(storage::FileSystem& fs, const Layout& layout,
                                            const CreateOptions& options,
                                            const Environment& environment) {
  auto text = storage::read_file(fs, layout.public_key(), kSmallFileBytesMax);
  if (!text || !text->ends_with('\n')) return std::optional<Identity>();
  text->pop_back();
  const auto key = crypto::NoteVerifier::parse(*text);
  if (!key || (!options.origin.empty() && options.origin != key->name()))
    return std::optional<Identity>();
  const std::string id = log_id_of(key->key());
  TALLY_TRY(KeyFolder folder, KeyFolder::locate(id, options.keys_path, environment));
  auto keys = folder.load(fs);
  if (!keys || keys->signer.verifier() != *key) return std::optional<Identity>();
  return std::optional(
      Identity{LogInfo{id, key->name(), options.hash}, std::move(*keys), std::move(folder)});
}

Result<Identity> choose_identity(storage::FileSystem& fs, const Layout& layout,
                                 const CreateOptions& options, const Environment& environment,
                                 Random& random) {
  TALLY_TRY(auto unfinished, interrupted(fs, layout, options, environment));
  if (unfinished) return std::move(*unfinished);
  TALLY_TRY(Keys keys, Keys::generate(options.origin, options.host, random));
  TALLY_TRY(KeyFolder folder, KeyFolder::locate(keys.log_id(), options.keys_path, environment));
  TALLY_TRY(auto prepared, folder.take_prepared(fs));
  if (prepared) {
    if (!options.origin.empty() && options.origin != prepared->signer.name()) {
      return fail(Errc::mismatch, folder.path() + ": its keys are for " + prepared->signer.name() +
                                      ", not for " + options.origin);
    }
    keys = std::move(*prepared);
  } else {
    TALLY_TRY_VOID(folder.check_unused(fs));
  }
  LogInfo info{keys.log_id(), keys.signer.name(), options.hash};
  return Identity{std::move(info), std::move(keys), std::move(folder)};
}

Result<bool> create_locked(storage::FileSystem& fs, const Layout& layout,
                           const CreateOptions& options, const Environment& environment,
                           Random& random) {
  TALLY_TRY(const auto made_meanwhile, fs.stat(layout.info()));
  if (made_meanwhile) return false;
  TALLY_TRY_VOID(check_unfinished(fs, layout));
  TALLY_TRY(const Identity self, choose_identity(fs, layout, options, environment, random));
  TALLY_TRY_VOID(remove_unfinished(fs, layout));
  // The public key stands here before the private one exists, so that an interrupted creation knows
  // its own.
  TALLY_TRY_VOID(
      storage::replace_file(fs, layout.public_key(), self.keys.signer.verifier().vkey() + "\n"));
  TALLY_TRY_VOID(self.folder.store(fs, self.keys));
  TALLY_TRY_VOID(self.folder.mark_used(fs));
  TALLY_TRY_VOID(write_empty_log(fs, layout, self.info, self.keys));
  return true;
}

}  // namespace

Result<void> check_suitable(storage::FileSystem& fs, const std::string& directory,
                            bool single_writer) {
  if (single_writer) return {};
  TALLY_TRY(const std::string kind, fs.unsuitable_for_writing(directory));
  if (kind.empty()) return {};
  return fail(Errc::unsupported,
              directory + ": is on " + kind +
                  ", where locks between machines cannot be trusted; "
                  "use a local disk, or --single-writer if only one process will ever write");
}

Result<bool> create_log(storage::FileSystem& fs, const std::string& directory,
                        const CreateOptions& options, const Environment& environment,
                        Random& random) {
  const Layout layout(directory);
  TALLY_TRY_VOID(with_context(storage::make_directories(fs, directory), "log " + directory));
  TALLY_TRY_VOID(check_suitable(fs, directory, options.single_writer));
  TALLY_TRY(const auto there, fs.stat(layout.info()));
  if (there) return false;
  bool finished = false;
  const auto look = [&]() -> Result<bool> {
    TALLY_TRY(const auto info, fs.stat(layout.info()));
    finished = info.has_value();
    return finished;
  };
  // Before a lock file is put among somebody else's files. Others may be creating the same log, and
  // be done by now.
  if (auto ours = check_unfinished(fs, layout); !ours) {
    TALLY_TRY(const bool done, look());
    if (done) return false;
    return tl::unexpected(std::move(ours).error());
  }
  TALLY_TRY(auto lock, LockFile::open(fs, layout));
  TALLY_TRY(const bool locked, wait_until(kLockWait, [&]() -> Result<bool> {
              TALLY_TRY(const bool done, look());
              return done ? true : lock.try_lock_commit();
            }));
  if (finished) return false;
  if (!locked)
    return fail(Errc::timeout,
                layout.lock() + ": " + lock.holder() + "; the log cannot be created");
  lock.note_holder();
  auto created = create_locked(fs, layout, options, environment, random);
  lock.unlock_commit();
  return created;
}

Result<OpenedLog> open_or_create(storage::FileSystem& fs, const std::string& directory,
                                 const CreateOptions& options, bool hash_given,
                                 const Environment& environment, Random& random) {
  const Layout layout(directory);
  TALLY_TRY(const auto there, fs.stat(layout.info()));
  bool created = false;
  if (!there) {
    TALLY_TRY(created, create_log(fs, directory, options, environment, random));
  }
  TALLY_TRY_VOID(check_suitable(fs, directory, options.single_writer));
  TALLY_TRY(LogInfo info, read_log_info(fs, layout));
  if (hash_given && info.hash != options.hash) {
    return fail(Errc::mismatch, directory + ": uses " + std::string(crypto::hash_name(info.hash)) +
                                    ", not " + std::string(crypto::hash_name(options.hash)) +
                                    "; the algorithm of a log is chosen when it is created");
  }
  TALLY_TRY(const KeyFolder folder, KeyFolder::locate(info.id, options.keys_path, environment));
  TALLY_TRY(Keys keys, folder.load(fs));
  return OpenedLog{std::move(info), std::move(keys), created};
}

}  // namespace tally::log
