// SPDX-License-Identifier: Apache-2.0
#include "storage/posix_error.h"

#include <cerrno>
#include <cstring>

namespace tally::storage {
namespace {

// Only where the reader of the message can do something about it.
std::string_view advice(int error_number) {
  switch (error_number) {
    case ENOSPC: return "free space on this file system";
    case EDQUOT: return "free space or raise the disk quota of this user";
    case EACCES:
    case EPERM: return "check owner and mode of it and of the directories above it";
    case EROFS: return "the file system is mounted read-only";
    case EMFILE: return "raise the limit of open files (ulimit -n)";
    case ENFILE: return "the machine is out of open files (sysctl fs.file-max)";
    case EFBIG: return "the file size limit is reached (ulimit -f)";
    case ENOLCK: return "the file system does not offer locks; use a local one";
    case EIO: return "the device or its file system has a fault; see the kernel log";
    default: return {};
  }
}

}  // namespace

Errc errc_of(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
    case ESRCH: return Errc::not_found;
    case EEXIST:
    case ENOTEMPTY: return Errc::already_exists;
    case EACCES:
    case EPERM:
    case EROFS: return Errc::permission_denied;
    case ENOSPC:
    case EDQUOT: return Errc::disk_full;
    case EFBIG:
    case EOVERFLOW: return Errc::too_large;
    case EBADF:
    case EINVAL:
    case EISDIR:
    case ENAMETOOLONG:
    case ELOOP: return Errc::invalid_argument;
    case ENOLCK:
    case EOPNOTSUPP: return Errc::unsupported;
    default: return Errc::io;
  }
}

Error posix_error(int error_number, std::string_view action, std::string_view path) {
  return posix_error(errc_of(error_number), error_number, action, path);
}

Error posix_error(Errc code, int error_number, std::string_view action, std::string_view path) {
  std::string detail = "cannot ";
  detail.append(action).append(" ").append(path).append(": ");
  // strerrordesc_np is thread-safe and the same in every locale, which strerror is not.
  const char* reason = ::strerrordesc_np(error_number);
  detail.append(reason != nullptr ? reason : "error " + std::to_string(error_number));
  if (const std::string_view hint = advice(error_number); !hint.empty()) {
    detail.append("; ").append(hint);
  }
  return Error{code, std::move(detail)};
}

}  // namespace tally::storage
