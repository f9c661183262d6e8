// SPDX-License-Identifier: Apache-2.0
// The one door to files. The log sees only this interface, so a fault can be injected at every
// step.
#pragma once

#include "base/encoding.h"
#include "base/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tally::storage {

/// Identity and size of a file as the file system sees it now.
struct FileInfo {
  std::uint64_t size;
  std::uint64_t inode;
  std::uint32_t mode;  ///< permission bits
  bool is_directory;
};

enum class LockMode { shared, exclusive };

/// An open file. Writes are positioned: there is no hidden cursor. Not thread-safe except where
/// said.
class File {
 public:
  virtual ~File() = default;  // releases the descriptor; what close() would say is lost

  /// Reads up to out.size() bytes at `offset`; fewer only at the end of the file. Thread-safe.
  [[nodiscard]] virtual Result<std::size_t> read_at(std::uint64_t offset,
                                                    std::span<std::byte> out) = 0;
  /// Writes all bytes at `offset` or fails; after a failure any prefix may have been written.
  /// Errors: disk_full (also quota), io.
  [[nodiscard]] virtual Result<void> write_at(std::uint64_t offset, Bytes bytes) = 0;
  /// fdatasync: contents and size are on the device when it returns. A failure (sync_failed) is
  /// final for the data: a second call may succeed without it, so callers must not retry.
  [[nodiscard]] virtual Result<void> sync() = 0;
  /// Asks for these written bytes to be put on the device now, while the caller goes on. A hint:
  /// only sync() says that they are there, and only it reports what went wrong.
  virtual void begin_writeback(std::uint64_t /*offset*/, std::uint64_t /*bytes*/) {}
  [[nodiscard]] virtual Result<void> truncate(std::uint64_t size) = 0;
  /// fstat of the open file. Thread-safe.
  [[nodiscard]] virtual Result<FileInfo> info() = 0;

  /// Takes an open-file-description lock on the byte at `offset`, waiting without limit.
  [[nodiscard]] virtual Result<void> lock(std::uint64_t offset, LockMode mode) = 0;
  /// The same without waiting: false when another holder is in the way.
  [[nodiscard]] virtual Result<bool> try_lock(std::uint64_t offset, LockMode mode) = 0;
  [[nodiscard]] virtual Result<void> unlock(std::uint64_t offset) = 0;
};

enum class OpenMode {
  read,        ///< must exist
  write,       ///< read and write, must exist
  create,      ///< read and write, made if missing
  create_new,  ///< read and write, must not exist (O_EXCL)
};

/// Thread-safe. Paths are absolute or relative to the process; files are made with mode 0600,
/// directories 0700, descriptors close on exec. Errors: not_found, already_exists,
/// permission_denied, disk_full, io; the detail names the path and the system's reason.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  [[nodiscard]] virtual Result<std::unique_ptr<File>> open(const std::string& path,
                                                           OpenMode mode) = 0;
  /// Creates one directory; fine if it is there already.
  [[nodiscard]] virtual Result<void> make_directory(const std::string& path) = 0;
  /// fsync of the directory: names made, renamed or removed in it are on the device.
  [[nodiscard]] virtual Result<void> sync_directory(const std::string& path) = 0;
  /// Atomic replacement within one directory.
  [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;
  /// Names (not paths) in a directory, sorted, without "." and "..".
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
  /// nullopt when there is nothing at this path.
  [[nodiscard]] virtual Result<std::optional<FileInfo>> stat(const std::string& path) = 0;
  /// Whether byte-range locks and fdatasync can be trusted here: empty when they can, else the name
  /// of the kind of file system ("nfs", "fuse", ...).
  [[nodiscard]] virtual Result<std::string> unsuitable_for_writing(const std::string& path) = 0;
  /// Changes at every boot of the machine; tells a lost page cache from a live one.
  [[nodiscard]] virtual Result<std::string> boot_id() = 0;
};

/// The machine's files. Lives for the whole process.
FileSystem& posix_file_system();

// Helpers on top of the interface
// -------------------------------------------------------------------

/// Whole content of a file of at most `bytes_max` bytes; too_large above.
[[nodiscard]] Result<std::string> read_file(FileSystem& fs, const std::string& path,
                                            std::size_t bytes_max);
/// Writes `content` so that after a crash either the old or the new file is there, and returns when
/// it is durable: temporary file, sync, rename, sync of the directory.
[[nodiscard]] Result<void> replace_file(FileSystem& fs, const std::string& path,
                                        std::string_view content);
/// Makes a directory and its missing parents, each synced into its parent.
[[nodiscard]] Result<void> make_directories(FileSystem& fs, const std::string& path);
/// "a" + "b" -> "a/b".
std::string join(std::string_view directory, std::string_view name);
/// "a/b" -> "a"; "b" -> "."; "/b" -> "/".
std::string parent(std::string_view path);

}  // namespace tally::storage
