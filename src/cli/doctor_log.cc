// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor_log.h"

#include "base/limits.h"
#include "cli/console.h"
#include "cli/doctor_disk.h"
#include "event/json_scan.h"
#include "index/sqlite/sqlite_index.h"
#include "log/checkpoint_files.h"
#include "log/lock_file.h"
#include "log/reader.h"

#include <optional>
#include <sys/stat.h>
#include <sys/timex.h>

namespace tally::cli {
namespace {

/// Entries at the end of the log in which a recovery is looked for.
constexpr std::uint64_t kLookBack = 20'000;
constexpr std::chrono::hours kRecent{24};
/// A signature is due every second while the log grows.
constexpr std::chrono::minutes kSignedLate{5};
constexpr std::chrono::hours kKeptOld{24 * 7};
/// Entries that are not stored yet are normal up to two files of the index.
constexpr std::uint64_t kIndexLag = 2 * 131'072;
/// What clocks of two machines differ by without anybody noticing.
constexpr std::chrono::seconds kClockSlack{5};

std::string age_text(std::chrono::seconds age) {
  if (age < std::chrono::minutes(2)) return std::to_string(age.count()) + " s";
  if (age < std::chrono::hours(2)) return std::to_string(age.count() / 60) + " min";
  if (age < std::chrono::hours(48)) return std::to_string(age.count() / 3600) + " h";
  return std::to_string(age.count() / 86'400) + " days";
}

/// Since a file was written last.
std::optional<std::chrono::seconds> age_of(const std::string& path, const Clock& clock) {
  struct ::stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  const auto written = std::chrono::seconds(status.st_mtim.tv_sec);
  return std::chrono::floor<std::chrono::seconds>(clock.now().time_since_epoch()) - written;
}

class LogCheck {
 public:
  LogCheck(DoctorReport& report, const DoctorLogParts& parts, log::Reader reader)
      : report_(report), parts_(parts), reader_(std::move(reader)) {}

  void run() {
    check_keys();
    check_failed_sync();
    if (!check_head()) return;
    check_end();
    check_signed();
    check_kept();
    check_index();
    check_spool();
  }

 private:
  void check_keys();
  void check_failed_sync();
  bool check_head();
  void check_end();
  void check_signed();
  void check_kept();
  void check_index();
  void check_spool();

  DoctorReport& report_;
  const DoctorLogParts& parts_;
  log::Reader reader_;
  std::optional<log::Head> head_;
  std::optional<crypto::NoteVerifier> key_;
};

void LogCheck::check_keys() {
  const auto folder =
      log::KeyFolder::locate(reader_.info().id, parts_.config.log.keys, parts_.environment);
  if (!folder) {
    report_.add("log.keys", Finding::failed, folder.error().detail);
    return;
  }
  const auto keys = folder->load(parts_.fs);
  if (!keys) {
    report_.add("log.keys", Finding::failed, keys.error().detail,
                "run this as the user of the service; keys must be readable by nobody else");
    if (const auto pinned = folder->pinned(parts_.fs); pinned && *pinned) key_ = **pinned;
    return;
  }
  key_ = keys->signer.verifier();
  std::string open;
  const auto look = [&](const std::string& path, const std::string& name) {
    const auto info = parts_.fs.stat(path);
    if (info && *info && ((*info)->mode & 077U) != 0) open += (open.empty() ? "" : ", ") + name;
  };
  look(folder->path(), "the folder");
  for (const char* const name : {"sign.key", "head.key", "hmac.key", "tokens", "admin-token"}) {
    look(storage::join(folder->path(), name), name);
  }
  if (open.empty()) {
    report_.add("log.keys", Finding::fine, "in " + folder->path() + ", for this user only");
  } else {
    report_.add("log.keys", Finding::failed, "others may open in " + folder->path() + ": " + open,
                "chmod -R go= " + folder->path() + "; rotate what others may have read");
  }
}

/// The mark of a writer whose sync failed (docs/decisions/0005).
void LogCheck::check_failed_sync() {
  auto lock = log::LockFile::open_for_reading(parts_.fs, reader_.layout());
  const auto mark =
      lock ? lock->failed_mark() : Result<std::optional<log::FailedMark>>(std::nullopt);
  if (!mark) {
    report_.add("log.sync-failed", Finding::failed, mark.error().detail);
    return;
  }
  if (!*mark) {
    report_.add("log.sync-failed", Finding::fine, "no writer's sync failed");
    return;
  }
  const std::string boot = parts_.fs.boot_id().value_or(std::string());
  const bool now = (*mark)->boot_id.empty() || boot.empty() || (*mark)->boot_id == boot;
  const std::string size = counted((*mark)->size.value(), "entry", "entries");
  if (now) {
    report_.add("log.sync-failed", Finding::failed,
                "a sync failed behind " + size +
                    ": what the kernel holds of later ones may not be on the disk, and the process "
                    "that saw it writes nothing any more",
                "look at the disk (dmesg, smartctl); move the log if it is not sound; then start "
                "serve again: it writes the same bytes once more and takes the mark away. Run "
                "tallystick verify after that");
  } else {
    report_.add("log.sync-failed", Finding::warning,
                "a sync failed behind " + size + " before this machine was started last",
                "what is there now was read from the disk; run tallystick verify, and start what "
                "writes: it takes the mark away");
  }
}

bool LogCheck::check_head() {
  auto head = reader_.head();
  if (!head) {
    report_.add("log.head", Finding::failed, head.error().detail, "see tallystick verify");
    return false;
  }
  head_ = *head;
  report_.add("log.head", Finding::fine,
              counted(head_->size.value(), "committed entry", "committed entries"));
  return true;
}

/// The newest entries: was something cut lately, and is the newest one of the future?
void LogCheck::check_end() {
  const WallTime now = parts_.clock.now();
  std::uint64_t seen = 0;
  std::optional<std::string> recovered;
  std::optional<WallTime> newest;
  const auto read =
      reader_.scan_backward(*head_, head_->size, [&](LeafIndex seq, std::string_view line) {
        std::string storage;
        const auto text = [&](std::string_view name) {
          const auto raw = event::find_member(line, name);
          return raw ? std::string(event::string_text(*raw, storage)) : std::string();
        };
        const auto recorded = parse_time(text("recorded_at"));
        const auto time = recorded ? recorded : parse_time(text("timestamp"));
        if (!newest && time) newest = time;
        if (time && now - *time > kRecent) return false;
        if (line.find("\"audit-log-recovered\"") != std::string_view::npos &&
            text("event_name") == "audit-log-recovered") {
          recovered = "entry " + std::to_string(seq.value()) + " of " + text("timestamp");
          return false;
        }
        return ++seen < kLookBack;
      });
  if (!read) {
    report_.add("log.recovery", Finding::failed, read.error().detail, "see tallystick verify");
  } else if (recovered) {
    report_.add("log.recovery", Finding::warning,
                "bytes behind the last commit were cut off: " + *recovered,
                "it follows a crash or a power cut; look at the entry's details");
  } else {
    report_.add("log.recovery", Finding::fine, "none in 24 hours");
  }
  if (newest && *newest > now + kClockSlack) {
    report_.add(
        "clock.log", Finding::warning,
        "the newest entry is of " + format_time(*newest) + ", and it is " + format_time(now),
        "the clock was set back; look at the time service");
  }
}

void LogCheck::check_signed() {
  if (!key_) return;
  const auto last = log::last_signed(parts_.fs, reader_.layout(), *key_);
  if (!last) {
    report_.add("log.signed", Finding::failed, last.error().detail, "see tallystick verify");
    return;
  }
  const std::uint64_t size = head_->size.value();
  const std::uint64_t done = last->size().value();
  if (done >= size) {
    report_.add("log.signed", Finding::fine, "all entries");
    return;
  }
  const auto age = age_of(reader_.layout().checkpoint(), parts_.clock);
  const std::string text = counted(size - done, "entry is", "entries are") + " not signed yet";
  if (age && *age > kSignedLate) {
    report_.add("log.signed", Finding::warning,
                text + "; the last signature is " + age_text(*age) + " old",
                "tallystick checkpoint signs them; a running serve does so every second");
  } else {
    report_.add("log.signed", Finding::note, text);
  }
}

void LogCheck::check_kept() {
  std::uint64_t tail = 0;
  std::uint64_t count = 0;
  const auto read = log::for_each_kept(
      parts_.fs, reader_.layout(),
      [&](std::string_view, std::uint64_t) {
        ++count;
        return true;
      },
      tail);
  if (!read) {
    report_.add("log.checkpoints", Finding::failed, read.error().detail, "see tallystick verify");
    return;
  }
  const auto age = age_of(reader_.layout().checkpoints(), parts_.clock);
  std::string text = counted(count, "kept checkpoint", "kept checkpoints");
  if (age && count != 0) text += ", the newest " + age_text(*age) + " old";
  if (age && *age > kKeptOld && head_->size.value() != 0) {
    report_.add("log.checkpoints", Finding::warning, text,
                "keep one elsewhere: only that finds an older copy of the log put back");
  } else {
    report_.add("log.checkpoints", Finding::fine, text);
  }
}

void LogCheck::check_index() {
  std::string problems;
  index::sqlite::OpenOptions options;
  options.access = index::sqlite::Access::read;
  options.on_problem = [&](const std::string& what) {
    problems += (problems.empty() ? "" : "; ") + what;
  };
  const auto opened = index::sqlite::open(parts_.fs, parts_.config.log.directory, options);
  constexpr std::string_view kRebuild = "tallystick index rebuild makes it anew";
  if (!opened) {
    report_.add("index", Finding::warning, opened.error().detail, std::string(kRebuild));
    return;
  }
  const index::IndexStatus status = (*opened)->status();
  if (!status.problem.empty()) problems += (problems.empty() ? "" : "; ") + status.problem;
  const std::uint64_t size = head_->size.value();
  const std::uint64_t lag = size - std::min(size, status.stored);
  const std::string text =
      grouped(status.stored) + " of " + counted(size, "entry", "entries") + " stored";
  if (!problems.empty()) {
    report_.add("index", Finding::warning, problems, std::string(kRebuild));
  } else if (lag > kIndexLag) {
    report_.add("index", Finding::warning, text + "; searches read the rest from the log",
                std::string(kRebuild) + "; a running serve keeps it");
  } else {
    report_.add("index", Finding::fine, text);
  }
}

void LogCheck::check_spool() {
  const std::string& directory = parts_.config.spool.directory;
  if (directory.empty()) return;
  const auto names = parts_.fs.list(directory);
  if (!names) {
    const bool missing = names.error().code == Errc::not_found;
    report_.add("spool", missing ? Finding::note : Finding::failed,
                missing ? directory + " is not there yet; it is made when it is needed"
                        : names.error().detail);
    return;
  }
  std::size_t files = 0;
  for (const std::string& name : *names) {
    if (name.starts_with(reader_.info().id + '.') && name.ends_with(".spool")) ++files;
  }
  if (files == 0) {
    report_.add("spool", Finding::fine, "nothing waits in " + directory);
  } else {
    report_.add("spool", Finding::warning,
                counted(files, "file", "files") + " with records for this log in " + directory,
                "a running serve replays them once the log can be written");
  }
}

/// Asks the kernel and changes nothing.
void check_clock(DoctorReport& report) {
  struct ::timex state {};
  const int answer = ::adjtimex(&state);
  if (answer < 0) {
    report.add("clock", Finding::note, "the kernel does not tell whether it is synchronised");
  } else if ((state.status & STA_UNSYNC) != 0) {
    report.add(
        "clock", Finding::warning, "the clock is not synchronised",
        "run a time service (chrony, systemd-timesyncd): the log cannot tell time by itself");
  } else {
    report.add("clock", Finding::fine, "synchronised");
  }
}

}  // namespace

void check_log(DoctorReport& report, const DoctorLogParts& parts) {
  const std::string& directory = parts.config.log.directory;
  auto reader = log::Reader::open(parts.fs, directory);
  const bool missing = !reader && reader.error().code == Errc::not_found;
  if (reader) {
    report.add("log.directory", Finding::fine, directory + ", origin " + reader->info().origin);
  } else if (missing) {
    report.add("log.directory", Finding::note, "there is no log in " + directory + " yet",
               "serve, wrap and append make one");
  } else {
    report.add("log.directory", Finding::failed, reader.error().detail);
  }
  const auto there = parts.fs.stat(directory);
  if (there && *there) {
    check_disk(report, parts.fs, parts.clock, directory, parts.config.log.single_writer);
  }
  if (reader) LogCheck(report, parts, std::move(*reader)).run();
  check_clock(report);
}

}  // namespace tally::cli
