// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor_disk.h"

#include "base/limits.h"
#include "cli/console.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace tally::cli {
namespace {

/// Beyond this each call that may change something is held noticeably.
constexpr std::chrono::microseconds kSlowSync{20'000};
constexpr std::uint64_t kFilesLow = 1'000;

std::string reason(int error) { return std::generic_category().message(error); }

std::string milliseconds_text(std::chrono::microseconds time) {
  const auto hundredths = (time.count() + 5) / 10;
  const std::string rest = std::to_string(hundredths % 100);
  return std::to_string(hundredths / 100) + '.' + (rest.size() == 1 ? "0" : "") + rest + " ms";
}

void check_kind(DoctorReport& report, storage::FileSystem& fs, const std::string& directory,
                bool single_writer) {
  const auto kind = fs.unsuitable_for_writing(directory);
  if (!kind) {
    report.add("log.filesystem", Finding::warning, kind.error().detail);
  } else if (kind->empty()) {
    report.add("log.filesystem", Finding::fine, "locks and syncs can be trusted");
  } else {
    report.add("log.filesystem", single_writer ? Finding::warning : Finding::failed,
               "the log lies on " + *kind + ", where locks and syncs cannot be trusted",
               "put it on a local disk; --single-writer allows it for one process");
  }
}

void check_space(DoctorReport& report, const std::string& directory) {
  struct ::statvfs status {};
  if (::statvfs(directory.c_str(), &status) != 0) {
    report.add("log.space", Finding::warning, "free space cannot be read: " + reason(errno));
    return;
  }
  const std::uint64_t bytes = std::uint64_t{status.f_bavail} * status.f_frsize;
  const std::string text = bytes_text(bytes) + " free";
  constexpr std::string_view kRemedy =
      "make room, or move the log: when the disk is full, calls that may change "
      "something are refused";
  if (bytes < kDoctorFreeLeast) {
    report.add("log.space", Finding::failed, text, std::string(kRemedy));
  } else if (bytes < kDoctorFreeLow) {
    report.add("log.space", Finding::warning, text, std::string(kRemedy));
  } else if (status.f_files != 0 && status.f_favail < kFilesLow) {
    report.add("log.space", Finding::warning,
               text + ", but only " + std::to_string(status.f_favail) + " more files",
               std::string(kRemedy));
  } else {
    report.add("log.space", Finding::fine, text);
  }
}

/// Times of a few commits, sorted; stops early when they take long.
std::optional<std::vector<std::chrono::microseconds>> measure(int descriptor, const Clock& clock) {
  std::array<char, 4096> block{};
  std::vector<std::chrono::microseconds> times;
  const MonoTime start = clock.mono();
  for (std::size_t i = 0; i < kDoctorSyncs && clock.mono() - start < kDoctorSyncTime; ++i) {
    const MonoTime before = clock.mono();
    const auto offset = static_cast<off_t>(i * block.size());
    if (::pwrite(descriptor, block.data(), block.size(), offset) !=
            static_cast<ssize_t>(block.size()) ||
        ::fdatasync(descriptor) != 0) {
      return std::nullopt;
    }
    times.push_back(std::chrono::duration_cast<std::chrono::microseconds>(clock.mono() - before));
  }
  std::ranges::sort(times);
  return times;
}

void check_sync(DoctorReport& report, const Clock& clock, const std::string& directory) {
  constexpr int kHow = O_TMPFILE | O_RDWR | O_CLOEXEC;
  const int descriptor = ::open(directory.c_str(), kHow, 0600);  // tidy: open-ok it has no name
  if (descriptor < 0) {
    const int error = errno;
    if (error == EOPNOTSUPP || error == EISDIR) {
      report.add("log.sync", Finding::note, "not measured: this file system has no nameless files");
    } else {
      report.add("log.sync", Finding::failed,
                 "nothing can be written into " + directory + ": " + reason(error),
                 "run this as the user of the service, or give that user the folder");
    }
    return;
  }
  const auto times = measure(descriptor, clock);
  const int error = errno;
  ::close(descriptor);
  if (!times || times->empty()) {
    report.add("log.sync", Finding::failed, "writing and syncing a file failed: " + reason(error),
               "look at the disk and at dmesg");
    return;
  }
  const auto median = (*times)[times->size() / 2];
  const std::string text = "a sync takes " + milliseconds_text(median) + " (median of " +
                           std::to_string(times->size()) + ", longest " +
                           milliseconds_text(times->back()) + ")";
  if (median > kSlowSync) {
    report.add("log.sync", Finding::warning, text,
               "a call that may change something waits for one; a disk of its own helps");
  } else {
    report.add("log.sync", Finding::fine, text);
  }
}

}  // namespace

void check_disk(DoctorReport& report, storage::FileSystem& fs, const Clock& clock,
                const std::string& directory, bool single_writer) {
  check_kind(report, fs, directory, single_writer);
  check_space(report, directory);
  check_sync(report, clock, directory);
}

}  // namespace tally::cli
