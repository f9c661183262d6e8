// SPDX-License-Identifier: Apache-2.0
#include "server/process_figures.h"

#include "storage/file_system.h"

#include <charconv>
#include <dirent.h>
#include <memory>
#include <sys/resource.h>
#include <unistd.h>

namespace tally::server {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::uint64_t count_descriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"), ::closedir);
  if (folder == nullptr) return 0;
  std::uint64_t count = 0;
  while (const dirent* entry = ::readdir(folder.get())) {
    if (entry->d_name[0] != '.') ++count;
  }
  return count - 1;  // the folder itself
}

/// The second number of /proc/self/statm (proc(5)), which counts pages.
std::uint64_t resident_bytes() {
  constexpr std::size_t kStatmBytesMax = 256;
  const auto text =
      storage::read_file(storage::posix_file_system(), "/proc/self/statm", kStatmBytesMax);
  const std::size_t space = text ? text->find(' ') : std::string::npos;
  if (space == std::string::npos) return 0;
  std::uint64_t pages = 0;
  std::from_chars(text->data() + space + 1, text->data() + text->size(), pages);
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

ProcessFigures own_process_figures() {
  ProcessFigures out;
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) == 0) {
    out.cpu_seconds = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) out.descriptors_max = limit.rlim_cur;
  out.open_descriptors = count_descriptors();
  out.resident_bytes = resident_bytes();
  return out;
}

}  // namespace tally::server
