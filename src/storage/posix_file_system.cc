// SPDX-License-Identifier: Apache-2.0
// The machine's files. Every descriptor is O_CLOEXEC: a child that inherits one would keep our
// locks after we were killed.
#include "storage/file_system.h"
#include "storage/posix_error.h"
#include "storage/posix_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <sys/statfs.h>
#include <unistd.h>
#include <utility>

namespace tally::storage {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0700;
constexpr std::size_t kBootIdBytesMax = 64;  // 36 characters and a newline

struct Magic {
  std::uint32_t number;
  std::string_view name;
};

// statfs(2) and linux/magic.h. Over a network or through a user process, byte-range locks may be
// missing or advisory per machine, and a sync may end in somebody's memory.
constexpr std::array<Magic, 8> kUnsuitable{{
    {0x6969, "nfs"},
    {0x517B, "smb"},
    {0xFE534D42, "smb"},
    {0xFF534D42, "cifs"},
    {0x01021997, "9p"},
    {0x65735546, "fuse"},
    {0x5346414F, "afs"},
    {0x786F4256, "vboxsf"},
}};

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

int open_retrying(const std::string& path, int flags) {
  for (;;) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, kFileMode);
    if (descriptor >= 0 || errno != EINTR) return descriptor;
  }
}

int flags_of(OpenMode mode) {
  switch (mode) {
    case OpenMode::read: return O_RDONLY;
    case OpenMode::write: return O_RDWR;
    case OpenMode::create: return O_RDWR | O_CREAT;
    case OpenMode::create_new: return O_RDWR | O_CREAT | O_EXCL;
  }
  return O_RDONLY;
}

std::string_view action_of(OpenMode mode) {
  return mode == OpenMode::create || mode == OpenMode::create_new ? "create" : "open";
}

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    // O_NONBLOCK means nothing to a regular file, and keeps a FIFO at this path from hanging us.
    Descriptor descriptor(open_retrying(path, flags_of(mode) | O_NONBLOCK));
    if (descriptor.get() < 0) return tl::unexpected(posix_error(errno, action_of(mode), path));
    struct ::stat status {};
    if (::fstat(descriptor.get(), &status) != 0) {
      return tl::unexpected(posix_error(errno, "get the kind of", path));
    }
    if (S_ISDIR(status.st_mode)) return tl::unexpected(posix_error(EISDIR, action_of(mode), path));
    if (S_ISFIFO(status.st_mode)) {
      return fail(Errc::invalid_argument,
                  "cannot open " + path + ": it is a pipe; a regular file is needed");
    }
    return std::make_unique<PosixFile>(descriptor.release(), path);
  }

  Result<void> make_directory(const std::string& path) override {
    if (::mkdir(path.c_str(), kDirectoryMode) == 0) return {};
    const int error_number = errno;
    struct ::stat status {};
    if (error_number == EEXIST && ::stat(path.c_str(), &status) == 0) {
      if (S_ISDIR(status.st_mode)) return {};
      return fail(Errc::already_exists,
                  "cannot make directory " + path + ": something else has this name; move it away");
    }
    return tl::unexpected(posix_error(error_number, "make directory", path));
  }

  Result<void> sync_directory(const std::string& path) override {
    const Descriptor descriptor(open_retrying(path, O_RDONLY | O_DIRECTORY));
    if (descriptor.get() < 0) return tl::unexpected(posix_error(errno, "open directory", path));
    if (::fsync(descriptor.get()) != 0) {
      return tl::unexpected(posix_error(Errc::sync_failed, errno, "sync directory", path));
    }
    return {};
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (parent(from) != parent(to)) {
      return fail(Errc::invalid_argument,
                  "cannot rename " + from + " to " + to + ": they are not in one directory");
    }
    if (::rename(from.c_str(), to.c_str()) != 0) {
      return tl::unexpected(posix_error(errno, "rename", from + " to " + to));
    }
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (std::remove(path.c_str()) != 0) return tl::unexpected(posix_error(errno, "remove", path));
    return {};
  }

  Result<std::vector<std::string>> list(const std::string& path) override {
    std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), &::closedir);
    if (!directory) return tl::unexpected(posix_error(errno, "list", path));
    std::vector<std::string> names;
    for (;;) {
      errno = 0;  // readdir tells its end from an error only by errno
      const dirent* entry = ::readdir(directory.get());
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) return tl::unexpected(posix_error(errno, "list", path));
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<std::optional<FileInfo>> stat(const std::string& path) override {
    if (const auto info = file_info_at(AT_FDCWD, path.c_str(), 0)) return *info;
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<FileInfo>{};
    return tl::unexpected(posix_error(errno, "look at", path));
  }

  Result<std::string> unsuitable_for_writing(const std::string& path) override {
    struct ::statfs status {};
    while (::statfs(path.c_str(), &status) != 0) {
      if (errno != EINTR)
        return tl::unexpected(posix_error(errno, "find the file system of", path));
    }
    for (const Magic& magic : kUnsuitable) {
      if (static_cast<std::uint32_t>(status.f_type) == magic.number) return std::string(magic.name);
    }
    return std::string();
  }

  Result<std::string> boot_id() override {
    TALLY_TRY(std::string text,
              read_file(*this, "/proc/sys/kernel/random/boot_id", kBootIdBytesMax));
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }
};

}  // namespace

FileSystem& posix_file_system() {
  static PosixFileSystem instance;
  return instance;
}

}  // namespace tally::storage
