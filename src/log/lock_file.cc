// SPDX-License-Identifier: Apache-2.0
#include "log/lock_file.h"

#include "base/check.h"
#include "base/encoding.h"
#include "storage/process_state.h"

#include <algorithm>
#include <limits>
#include <thread>
#include <unistd.h>
#include <utility>

namespace tally::log {
namespace {

constexpr std::uint64_t kCommitByte = 0;
constexpr std::uint64_t kTurnstileByte = 1;
constexpr std::uint64_t kPublisherByte = 2;
constexpr std::uint64_t kHeadByte = 3;

// Text fields of fixed width behind the lock bytes, padded with newlines.
constexpr std::uint64_t kHolderOffset = 64;
constexpr std::size_t kHolderBytes = 64;
constexpr std::uint64_t kFailedOffset = 128;
constexpr std::size_t kFailedBytes = 128;

constexpr std::string_view kFailed = "failed ";

std::string_view field_text(std::string_view field) {
  return field.substr(0, field.find_first_of(std::string_view("\n\0", 2)));
}

Result<std::string> read_fields(storage::File& file, std::uint64_t offset, std::size_t bytes) {
  std::string text(bytes, '\0');
  TALLY_TRY(const std::size_t n,
            file.read_at(offset, {reinterpret_cast<std::byte*>(text.data()), text.size()}));
  text.resize(n);
  return text;
}

Result<std::string> read_field(storage::File& file, std::uint64_t offset, std::size_t bytes) {
  TALLY_TRY(const std::string field, read_fields(file, offset, bytes));
  return std::string(field_text(field));
}

std::optional<FailedMark> parse_failed_mark(std::string_view text) {
  if (text.empty()) return std::nullopt;
  FailedMark mark{{}, TreeSize{0}};
  const std::size_t space = text.rfind(' ');
  if (text.starts_with(kFailed) && space > kFailed.size()) {
    if (const auto size = parse_decimal(text.substr(space + 1))) {
      mark = {std::string(text.substr(kFailed.size(), space - kFailed.size())), TreeSize{*size}};
    }
  }
  return mark;
}

Result<void> write_field(storage::File& file, std::uint64_t offset, std::size_t bytes,
                         std::string text) {
  text.resize(bytes, '\n');
  return file.write_at(offset, as_bytes(text));
}

/// "held by pid 123 (stopped)"; empty when the field names nobody.
std::string describe(std::string_view noted) {
  if (!noted.starts_with("pid ")) return {};
  const auto pid = parse_decimal(noted.substr(4));
  if (!pid || *pid == 0 || *pid > std::numeric_limits<std::int32_t>::max()) return {};
  return "held by " + std::string(noted) + " (" + storage::process_state(static_cast<int>(*pid)) +
         ")";
}

/// Gives the file its full size, so that the mark of a failed sync never needs space on a full
/// disk.
void reserve(storage::File& file) {
  constexpr std::uint64_t kEnd = kFailedOffset + kFailedBytes;
  const auto info = file.info();
  // Best effort: a lock file works without.
  if (info && info->size < kEnd) static_cast<void>(file.write_at(kEnd - 1, as_bytes("\n")));
}

}  // namespace

Result<LockFile> LockFile::open(storage::FileSystem& fs, const Layout& layout) {
  LockFile lock(fs, layout.lock(), storage::OpenMode::create);
  TALLY_TRY_VOID(lock.current());
  return lock;
}

Result<LockFile> LockFile::open_for_reading(storage::FileSystem& fs, const Layout& layout) {
  LockFile lock(fs, layout.lock(), storage::OpenMode::read);
  TALLY_TRY_VOID(lock.current());
  return lock;
}

Result<storage::File*> LockFile::current() {
  if (!file_) {
    TALLY_TRY(auto file, fs_->open(path_, mode_));
    TALLY_TRY(const auto info, file->info());
    inode_ = info.inode;
    file_ = std::move(file);
    if (mode_ == storage::OpenMode::create) reserve(*file_);
  }
  return file_.get();
}

void LockFile::close() {
  file_.reset();
  holds_turnstile_ = holds_commit_ = holds_head_ = holds_publisher_ = false;
}

void LockFile::release(std::uint64_t offset) {
  if (file_ && !file_->unlock(offset)) close();
}

/// A lock that cannot be released now is still held: closing would give up the others with it.
void LockFile::release_if(bool& held, std::uint64_t offset) {
  if (held && file_->unlock(offset)) held = false;
}

Result<bool> LockFile::is_current() {
  TALLY_TRY(const auto named, fs_->stat(path_));
  return named && named->inode == inode_;
}

Result<void> LockFile::lock_commit() {
  for (;;) {
    TALLY_TRY(storage::File* const file, current());
    auto locked = file->lock(kTurnstileByte, storage::LockMode::exclusive);
    holds_turnstile_ = locked.has_value();
    if (locked) locked = file->lock(kCommitByte, storage::LockMode::exclusive);
    holds_commit_ = locked.has_value();
    const auto fine =
        locked ? is_current() : Result<bool>(tl::unexpected(std::move(locked).error()));
    if (fine && *fine) return {};
    close();
    if (!fine) return tl::unexpected(fine.error());
  }
}

Result<bool> LockFile::try_lock_commit() {
  for (;;) {
    TALLY_TRY(storage::File* const file, current());
    auto locked = file->try_lock(kTurnstileByte, storage::LockMode::exclusive);
    if (locked && !*locked) return false;
    holds_turnstile_ = locked.has_value();
    if (locked) locked = file->try_lock(kCommitByte, storage::LockMode::exclusive);
    if (locked && !*locked) {
      unlock_commit();
      return false;
    }
    holds_commit_ = locked.has_value();
    const auto fine = locked ? is_current() : std::move(locked);
    if (fine && *fine) return true;
    close();
    if (!fine) return fine;
  }
}

Result<bool> LockFile::lock_head(std::chrono::milliseconds limit,
                                 const std::function<bool()>& hurry) {
  TALLY_CHECK(holds_commit_);
  if (holds_head_) return true;
  const auto attempt = [&]() -> Result<bool> {
    TALLY_TRY(holds_head_, file_->try_lock(kHeadByte, storage::LockMode::exclusive));
    return holds_head_ || (hurry && hurry());
  };
  TALLY_TRY_VOID(wait_until(limit, attempt));
  return holds_head_;
}

Result<bool> LockFile::try_lock_head_shared() {
  TALLY_TRY(holds_head_, try_lock_current(kHeadByte, storage::LockMode::shared));
  return holds_head_;
}

void LockFile::admit_next() { release_if(holds_turnstile_, kTurnstileByte); }

void LockFile::admit_commit() {
  admit_next();
  release_if(holds_commit_, kCommitByte);
}

void LockFile::unlock_commit() {
  admit_commit();
  release_if(holds_head_, kHeadByte);
  if (holds_turnstile_ || holds_commit_ || holds_head_) close();
}

Result<bool> LockFile::try_lock_publisher() {
  auto locked = try_lock_current(kPublisherByte, storage::LockMode::exclusive);
  holds_publisher_ = locked && *locked;
  return locked;
}

void LockFile::unlock_publisher() {
  if (std::exchange(holds_publisher_, false)) release(kPublisherByte);
}

Result<bool> LockFile::try_lock_current(std::uint64_t offset, storage::LockMode mode) {
  for (;;) {
    TALLY_TRY(storage::File* const file, current());
    auto locked = file->try_lock(offset, mode);
    if (locked && !*locked) return false;
    const auto fine = locked ? is_current() : std::move(locked);
    if (fine && *fine) return true;
    close();
    if (!fine) return fine;
  }
}

void LockFile::note_holder() {
  const auto file = current();
  if (!file) return;
  const auto noted = read_field(**file, kHolderOffset, kHolderBytes);
  note_holder(noted ? *noted : std::string());
}

void LockFile::note_holder(std::string_view noted) {
  const std::string mine = "pid " + std::to_string(::getpid());
  if (noted == mine) return;
  // For people only: a disk too full for it must not stop a commit that still fits.
  static_cast<void>(write_field(*file_, kHolderOffset, kHolderBytes, mine));
}

Result<std::optional<FailedMark>> LockFile::begin_holding() {
  static_assert(kFailedOffset == kHolderOffset + kHolderBytes);
  TALLY_TRY(storage::File* const file, current());
  TALLY_TRY(const std::string both, read_fields(*file, kHolderOffset, kHolderBytes + kFailedBytes));
  const std::string_view fields = both;
  predecessor_ = field_text(fields.substr(0, kHolderBytes));
  note_holder(predecessor_);
  return parse_failed_mark(fields.size() > kHolderBytes ? field_text(fields.substr(kHolderBytes))
                                                        : std::string_view());
}

std::string LockFile::holder() {
  const auto file = current();
  const auto text =
      file ? read_field(**file, kHolderOffset, kHolderBytes) : Result<std::string>("");
  return text ? describe(*text) : std::string();
}

std::string LockFile::blame_predecessor() {
  // For people only, as above.
  static_cast<void>(write_field(*file_, kHolderOffset, kHolderBytes, predecessor_));
  return describe(predecessor_);
}

Result<std::optional<FailedMark>> LockFile::failed_mark() {
  TALLY_TRY(storage::File* const file, current());
  TALLY_TRY(const std::string text, read_field(*file, kFailedOffset, kFailedBytes));
  return parse_failed_mark(text);
}

void LockFile::set_failed_mark(TreeSize size) {
  const auto boot = fs_->boot_id();
  const auto file = current();
  if (!file) return;
  // Best effort: the device is failing; without the mark the next start trusts the page cache as
  // any start does.
  static_cast<void>(
      write_field(**file, kFailedOffset, kFailedBytes,
                  std::string(kFailed) + (boot ? *boot + " " + std::to_string(size.value()) : "")));
}

Result<void> LockFile::clear_failed_mark() {
  TALLY_TRY(storage::File* const file, current());
  return write_field(*file, kFailedOffset, kFailedBytes, "");
}

Result<bool> wait_until(std::chrono::milliseconds limit,
                        const std::function<Result<bool>()>& attempt) {
  using namespace std::chrono;
  const auto start = steady_clock::now();
  for (;;) {
    TALLY_TRY(const bool done, attempt());
    if (done) return true;
    const auto waited = duration_cast<microseconds>(steady_clock::now() - start);
    if (waited >= limit) return false;
    // In proportion, so that looking too late makes a wait longer by an eighth, not twice as long.
    std::this_thread::sleep_for(
        std::clamp<microseconds>(waited / 8, microseconds(50), milliseconds(5)));
  }
}

}  // namespace tally::log
