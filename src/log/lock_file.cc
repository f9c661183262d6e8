// SPDX-License-Identifier: Apache-2.0
#include "log/lock_file.h"

#include <unistd.h>

#include <algorithm>
#include <thread>

#include "base/encoding.h"
#include "storage/process_state.h"

namespace tally::log {
namespace {

constexpr std::uint64_t kCommitByte = 0;
constexpr std::uint64_t kTurnstileByte = 1;
constexpr std::uint64_t kPublisherByte = 2;

// Text fields of fixed width behind the lock bytes, padded with newlines.
constexpr std::uint64_t kHolderOffset = 64;
constexpr std::size_t kHolderBytes = 64;
constexpr std::uint64_t kFailedOffset = 128;
constexpr std::size_t kFailedBytes = 128;

std::string read_field(storage::File& file, std::uint64_t offset, std::size_t bytes) {
  std::string text(bytes, '\0');
  const auto n = file.read_at(offset, {reinterpret_cast<std::byte*>(text.data()), text.size()});
  text.resize(n ? *n : 0);
  return text.substr(0, text.find_first_of(std::string_view("\n\0", 2)));
}

Result<void> write_field(storage::File& file, std::uint64_t offset, std::size_t bytes, std::string text) {
  text.resize(bytes, '\n');
  return file.write_at(offset, as_bytes(text));
}

}  // namespace

Result<LockFile> LockFile::open(storage::FileSystem& fs, const Layout& layout) {
  TALLY_TRY(auto file, fs.open(layout.lock(), storage::OpenMode::create));
  return LockFile(std::move(file));
}

Result<void> LockFile::lock_commit() {
  TALLY_TRY_VOID(file_->lock(kTurnstileByte, storage::LockMode::exclusive));
  auto locked = file_->lock(kCommitByte, storage::LockMode::exclusive);
  auto released = file_->unlock(kTurnstileByte);
  if (!locked) return locked;
  return released;
}

Result<bool> LockFile::try_lock_commit() {
  TALLY_TRY(const bool turn, file_->try_lock(kTurnstileByte, storage::LockMode::exclusive));
  if (!turn) return false;
  auto locked = file_->try_lock(kCommitByte, storage::LockMode::exclusive);
  TALLY_TRY_VOID(file_->unlock(kTurnstileByte));
  return locked;
}

Result<bool> LockFile::try_lock_commit_shared() {
  return file_->try_lock(kCommitByte, storage::LockMode::shared);
}

// A failed unlock of a lock that we hold cannot happen on a local file system, and closing releases it anyway.
void LockFile::unlock_commit() { static_cast<void>(file_->unlock(kCommitByte)); }

Result<bool> LockFile::try_lock_publisher() {
  return file_->try_lock(kPublisherByte, storage::LockMode::exclusive);
}

void LockFile::unlock_publisher() { static_cast<void>(file_->unlock(kPublisherByte)); }

void LockFile::note_holder() {
  const std::string mine = "pid " + std::to_string(::getpid());
  if (read_field(*file_, kHolderOffset, kHolderBytes) == mine) return;
  // For people only: a disk too full for it must not stop a commit that still fits.
  static_cast<void>(write_field(*file_, kHolderOffset, kHolderBytes, mine));
}

std::string LockFile::holder() {
  const std::string text = read_field(*file_, kHolderOffset, kHolderBytes);
  if (!text.starts_with("pid ")) return {};
  const auto pid = parse_decimal(std::string_view(text).substr(4));
  if (!pid) return {};
  return "held by " + text + " (" + storage::process_state(static_cast<int>(*pid)) + ")";
}

std::optional<FailedMark> LockFile::failed_mark() {
  const std::string text = read_field(*file_, kFailedOffset, kFailedBytes);
  if (!text.starts_with("failed ")) return std::nullopt;
  const std::size_t space = text.rfind(' ');
  const auto size = parse_decimal(std::string_view(text).substr(space + 1));
  if (space <= 7 || !size) return std::nullopt;
  return FailedMark{text.substr(7, space - 7), TreeSize{*size}};
}

void LockFile::set_failed_mark(const FailedMark& mark) {
  // Best effort: the device is failing; without the mark the next start trusts the page cache as any start does.
  static_cast<void>(write_field(*file_, kFailedOffset, kFailedBytes,
                                "failed " + mark.boot_id + " " + std::to_string(mark.size.value())));
}

Result<void> LockFile::clear_failed_mark() { return write_field(*file_, kFailedOffset, kFailedBytes, ""); }

Result<bool> LockFile::is_current(storage::FileSystem& fs, const Layout& layout) {
  TALLY_TRY(const auto mine, file_->info());
  TALLY_TRY(const auto named, fs.stat(layout.lock()));
  return named && named->inode == mine.inode;
}

Result<bool> wait_until(std::chrono::milliseconds limit, const std::function<Result<bool>()>& attempt) {
  using namespace std::chrono;
  const auto end = steady_clock::now() + limit;
  auto pause = microseconds(50);
  for (;;) {
    TALLY_TRY(const bool done, attempt());
    if (done) return true;
    if (steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(pause);
    pause = std::min<microseconds>(pause * 2, milliseconds(5));
  }
}

}  // namespace tally::log
