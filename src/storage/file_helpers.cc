// SPDX-License-Identifier: Apache-2.0
// What is written once on top of the interface, so that it behaves the same on every file system.
#include "storage/file_system.h"

#include <array>

namespace tally::storage {
namespace {

constexpr std::size_t kReadChunkBytes = std::size_t{16} * 1024;

// Opens and locks `path` + ".tmp". The lock is what makes one fixed name safe: a second process
// that replaces the same file must not write into, or rename away, a temporary file in use. A fixed
// name, in turn, means that a crash leaves at most one behind, and the next replacement uses it up.
Result<std::unique_ptr<File>> open_temporary(FileSystem& fs, const std::string& temporary) {
  for (;;) {
    TALLY_TRY(std::unique_ptr<File> file, fs.open(temporary, OpenMode::create));
    TALLY_TRY(const bool locked, file->try_lock(0, LockMode::exclusive));
    if (!locked) {
      return fail(Errc::overloaded, "cannot write " + temporary +
                                        ": another process is replacing this file; try again");
    }
    // Between open and lock the other one may have renamed it: then what we hold is the live file.
    TALLY_TRY(const FileInfo mine, file->info());
    TALLY_TRY(const std::optional<FileInfo> named, fs.stat(temporary));
    if (named && named->inode == mine.inode) return file;
  }
}

Result<void> write_durably(File& file, std::string_view content) {
  TALLY_TRY_VOID(file.truncate(0));
  TALLY_TRY_VOID(file.write_at(0, as_bytes(content)));
  return file.sync();
}

}  // namespace

Result<std::string> read_file(FileSystem& fs, const std::string& path, std::size_t bytes_max) {
  TALLY_TRY(const std::unique_ptr<File> file, fs.open(path, OpenMode::read));
  // Not by size: files under /proc say 0, and a file may grow while it is read.
  std::string content;
  std::array<std::byte, kReadChunkBytes> chunk;
  for (;;) {
    TALLY_TRY(const std::size_t n, file->read_at(content.size(), chunk));
    content.append(as_text(Bytes(chunk).first(n)));
    if (content.size() > bytes_max) {
      return fail(Errc::too_large, path + " is larger than the " + std::to_string(bytes_max) +
                                       " bytes that are allowed here");
    }
    if (n < chunk.size()) return content;
  }
}

Result<void> replace_file(FileSystem& fs, const std::string& path, std::string_view content) {
  const std::string temporary = path + ".tmp";
  TALLY_TRY(const std::unique_ptr<File> file, open_temporary(fs, temporary));
  Result<void> result = write_durably(*file, content);
  if (result) result = fs.rename(temporary, path);
  if (!result) {
    // Best effort: the first error is the one to report.
    [[maybe_unused]] const Result<void> removed = fs.remove(temporary);
    return result;
  }
  return fs.sync_directory(parent(path));
}

Result<void> make_directories(FileSystem& fs, const std::string& path) {
  TALLY_TRY(const std::optional<FileInfo> found, fs.stat(path));
  const std::string above = parent(path);
  if (found && found->is_directory) {
    // Whoever made it may have crashed before its sync. Above it everything is synced: see the
    // order below.
    Result<void> synced = fs.sync_directory(above);
    // A directory that we may not even open is not one that we made a name in.
    if (!synced && synced.error().code == Errc::permission_denied) return {};
    return synced;
  }
  if (above != path) TALLY_TRY_VOID(make_directories(fs, above));
  TALLY_TRY_VOID(fs.make_directory(path));
  Result<void> synced = fs.sync_directory(above);
  if (!synced) {
    // A name whose sync failed is seen but may never be durable, however often it is synced again;
    // the next attempt has to make a new one. Only an empty directory can be removed.
    [[maybe_unused]] const Result<void> removed = fs.remove(path);
  }
  return synced;
}

std::string join(std::string_view directory, std::string_view name) {
  std::string path(directory);
  if (!path.empty() && path.back() != '/') path.push_back('/');
  return path.append(name);
}

std::string parent(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  path = path.substr(0, slash);
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  return path.empty() ? "/" : std::string(path);
}

}  // namespace tally::storage
