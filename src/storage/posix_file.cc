// SPDX-License-Identifier: Apache-2.0
#include "storage/posix_file.h"

#include "storage/posix_error.h"

#include <cerrno>
#include <fcntl.h>
#include <limits>
#include <unistd.h>

namespace tally::storage {
namespace {

constexpr std::uint64_t kOffsetMax = std::numeric_limits<off_t>::max();

Error too_far(std::string_view action, std::string_view path) {
  return posix_error(EFBIG, action, path);
}

// One byte at `offset`; OFD commands require l_pid to be 0.
struct ::flock byte_lock(std::uint64_t offset, short type) {
  struct ::flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(offset);
  lock.l_len = 1;
  return lock;
}

short lock_type(LockMode mode) {
  return static_cast<short>(mode == LockMode::shared ? F_RDLCK : F_WRLCK);
}

}  // namespace

PosixFile::~PosixFile() { ::close(descriptor_); }

Result<std::size_t> PosixFile::read_at(std::uint64_t offset, std::span<std::byte> out) {
  if (offset > kOffsetMax - out.size()) return tl::unexpected(too_far("read", path_));
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t n = ::pread(descriptor_, out.data() + done, out.size() - done,
                              static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return tl::unexpected(posix_error(errno, "read", path_));
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

Result<void> PosixFile::write_at(std::uint64_t offset, Bytes bytes) {
  if (offset > kOffsetMax - bytes.size()) return tl::unexpected(too_far("write", path_));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::pwrite(descriptor_, bytes.data() + done, bytes.size() - done,
                               static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return tl::unexpected(posix_error(errno, "write", path_));
    // POSIX allows it for nothing we open; looping on it would hang.
    if (n == 0) return fail(Errc::io, "cannot write " + path_ + ": the system accepted no byte");
    done += static_cast<std::size_t>(n);
  }
  return {};
}

Result<void> PosixFile::sync() {
  // No retry on EINTR either: the interrupted call may have consumed a write-back error, and the
  // second would then report success for data that is gone.
  if (::fdatasync(descriptor_) != 0) {
    return tl::unexpected(posix_error(Errc::sync_failed, errno, "sync", path_));
  }
  return {};
}

void PosixFile::begin_writeback(std::uint64_t offset, std::uint64_t bytes) {
  // Not the last page, which is still being filled: the next write would wait for it.
  constexpr std::uint64_t kPageBytes = 4096;
  const std::uint64_t begin = offset - offset % kPageBytes;
  const std::uint64_t end = offset + bytes - (offset + bytes) % kPageBytes;
  if (end <= begin || end > kOffsetMax) return;
  // Without the flags that wait it neither reports nor clears a write-back error: those are left to
  // fdatasync.
  static_cast<void>(::sync_file_range(descriptor_, static_cast<off_t>(begin),
                                      static_cast<off_t>(end - begin), SYNC_FILE_RANGE_WRITE));
}

Result<void> PosixFile::truncate(std::uint64_t size) {
  if (size > kOffsetMax) return tl::unexpected(too_far("truncate", path_));
  while (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) {
    if (errno != EINTR) return tl::unexpected(posix_error(errno, "truncate", path_));
  }
  return {};
}

Result<FileInfo> PosixFile::info() {
  const auto info = file_info_at(descriptor_, "", AT_EMPTY_PATH);
  if (!info) return tl::unexpected(posix_error(errno, "get the size of", path_));
  return *info;
}

Result<void> PosixFile::lock(std::uint64_t offset, LockMode mode) {
  if (offset > kOffsetMax - 1) return tl::unexpected(too_far("lock", path_));
  struct ::flock lock = byte_lock(offset, lock_type(mode));
  while (::fcntl(descriptor_, F_OFD_SETLKW, &lock) != 0) {
    if (errno != EINTR) return tl::unexpected(posix_error(errno, "lock", path_));
  }
  return {};
}

Result<bool> PosixFile::try_lock(std::uint64_t offset, LockMode mode) {
  if (offset > kOffsetMax - 1) return tl::unexpected(too_far("lock", path_));
  struct ::flock lock = byte_lock(offset, lock_type(mode));
  while (::fcntl(descriptor_, F_OFD_SETLK, &lock) != 0) {
    if (errno == EAGAIN || errno == EACCES) return false;
    if (errno != EINTR) return tl::unexpected(posix_error(errno, "lock", path_));
  }
  return true;
}

Result<void> PosixFile::unlock(std::uint64_t offset) {
  if (offset > kOffsetMax - 1) return tl::unexpected(too_far("unlock", path_));
  struct ::flock lock = byte_lock(offset, F_UNLCK);
  while (::fcntl(descriptor_, F_OFD_SETLK, &lock) != 0) {
    if (errno != EINTR) return tl::unexpected(posix_error(errno, "unlock", path_));
  }
  return {};
}

std::optional<FileInfo> file_info_at(int directory, const char* path, int flags) {
  // Not stat(2): asking for a file's times makes Linux (6.13 and later, ext4, xfs, btrfs) take the
  // next write as one that must get a distinguishable time, which dirties the inode. On the way of
  // every commit that cost 40 us of 300.
  constexpr unsigned kNoTimes = STATX_TYPE | STATX_MODE | STATX_INO | STATX_SIZE;
  struct ::statx status {};
  if (::statx(directory, path, flags, kNoTimes, &status) != 0) return std::nullopt;
  return FileInfo{.size = status.stx_size,
                  .inode = status.stx_ino,
                  .mode = static_cast<std::uint32_t>(status.stx_mode & 07777),
                  .is_directory = S_ISDIR(status.stx_mode)};
}

}  // namespace tally::storage
