// SPDX-License-Identifier: Apache-2.0
#include "storage/simulated_file.h"

#include "base/check.h"
#include "storage/posix_error.h"

#include <algorithm>
#include <cerrno>
#include <limits>

namespace tally::storage {
namespace {

constexpr std::uint64_t kOffsetMax = std::numeric_limits<std::int64_t>::max();

tl::unexpected<Error> refuse(int error_number, std::string_view action, std::string_view path) {
  return tl::unexpected(posix_error(error_number, action, path));
}

Error gone(std::string_view action, std::string_view path) {
  return Error{Errc::io, "cannot " + std::string(action) + " " + std::string(path) +
                             ": the simulated process has crashed"};
}

}  // namespace

// State -------------------------------------------------------------------------------------------

Result<std::optional<FaultKind>> SimulatedState::step(FaultPlan::Step kind, std::string_view action,
                                                      std::string_view path) {
  if (crashed) return tl::unexpected(gone(action, path));
  return plan.next(kind);
}

Result<void> SimulatedState::look(std::string_view action, std::string_view path) {
  if (crashed) return tl::unexpected(gone(action, path));
  if (plan.next_read()) return refuse(EIO, action, path);
  return {};
}

void SimulatedState::crash() {
  crashed = true;
  lock_released.notify_all();
}

Error SimulatedState::error_of(FaultKind fault, std::string_view action, std::string_view path) {
  switch (fault) {
    case FaultKind::io_error:
    case FaultKind::short_write: return posix_error(EIO, action, path);
    case FaultKind::disk_full:
    case FaultKind::disk_full_part_written: return posix_error(ENOSPC, action, path);
    case FaultKind::failed_sync: return posix_error(Errc::sync_failed, EIO, action, path);
    case FaultKind::crash_inside:
    case FaultKind::crash_after: crash(); return gone(action, path);
  }
  TALLY_CHECK(!"FaultKind out of range");
  return gone(action, path);
}

FileInfo info_of(const SimulatedNode& node) {
  return FileInfo{.size = node.content.size(),
                  .inode = node.inode,
                  .mode = node.is_directory ? 0700U : 0600U,
                  .is_directory = node.is_directory};
}

// File --------------------------------------------------------------------------------------------

SimulatedFile::~SimulatedFile() {
  const std::lock_guard guard(state_->mutex);
  node_->locks.release_all(this);
  state_->lock_released.notify_all();
}

Result<std::size_t> SimulatedFile::read_at(std::uint64_t offset, std::span<std::byte> out) {
  const std::lock_guard guard(state_->mutex);
  TALLY_TRY_VOID(state_->look("read", path_));
  if (offset > kOffsetMax - out.size()) return refuse(EFBIG, "read", path_);
  return node_->content.read(offset, out);
}

Result<void> SimulatedFile::write_at(std::uint64_t offset, Bytes bytes) {
  const std::lock_guard guard(state_->mutex);
  TALLY_TRY(const auto fault, state_->step(FaultPlan::Step::change, "write", path_));
  TALLY_TRY_VOID(check_writable("write"));
  if (offset > kOffsetMax - bytes.size()) return refuse(EFBIG, "write", path_);
  if (fault) return act_out_write(*fault, offset, bytes);

  const std::uint64_t size = node_->content.size();
  if (offset + bytes.size() > size) {
    const std::uint64_t used = state_->tree.total_bytes();
    const std::uint64_t capacity = state_->options.capacity_bytes;
    const std::uint64_t end_max = size + (capacity > used ? capacity - used : 0);
    if (offset + bytes.size() > end_max) {
      const std::uint64_t fits = end_max > offset ? end_max - offset : 0;
      node_->content.write(offset, bytes.first(static_cast<std::size_t>(fits)));
      return refuse(ENOSPC, "write", path_);
    }
  }
  node_->content.write(offset, bytes);
  return {};
}

Result<void> SimulatedFile::act_out_write(FaultKind fault, std::uint64_t offset, Bytes bytes) {
  std::size_t kept = 0;
  switch (fault) {
    case FaultKind::io_error:
    case FaultKind::disk_full:
    case FaultKind::failed_sync: break;
    case FaultKind::disk_full_part_written:
    case FaultKind::short_write:
      if (!bytes.empty()) kept = state_->generator() % bytes.size();
      break;
    case FaultKind::crash_inside: kept = state_->generator() % (bytes.size() + 1); break;
    case FaultKind::crash_after: kept = bytes.size(); break;
  }
  node_->content.write(offset, bytes.first(kept));
  return tl::unexpected(state_->error_of(fault, "write", path_));
}

Result<void> SimulatedFile::sync() {
  const std::lock_guard guard(state_->mutex);
  TALLY_TRY(const auto fault, state_->step(FaultPlan::Step::sync, "sync", path_));
  if (fault) return act_out_sync(*fault);
  node_->content.sync();
  if (failed_syncs_seen_ != node_->failed_syncs) {
    failed_syncs_seen_ = node_->failed_syncs;
    return tl::unexpected(posix_error(Errc::sync_failed, EIO, "sync", path_));
  }
  return {};
}

Result<void> SimulatedFile::act_out_sync(FaultKind fault) {
  switch (fault) {
    case FaultKind::crash_after: node_->content.sync(); [[fallthrough]];
    // In the middle of a sync is before its end: what arrived is up to the power cut.
    case FaultKind::crash_inside: return tl::unexpected(state_->error_of(fault, "sync", path_));
    case FaultKind::io_error:
    case FaultKind::short_write:
    case FaultKind::disk_full:
    case FaultKind::disk_full_part_written:
    case FaultKind::failed_sync: break;
  }
  const bool part_arrives = fault == FaultKind::io_error || fault == FaultKind::short_write;
  PowerCutChoices choices(part_arrives ? state_->generator() | 2U : PowerCutChoices::kNothing);
  node_->content.fail_sync(choices);
  failed_syncs_seen_ = ++node_->failed_syncs;
  Error error = state_->error_of(fault, "sync", path_);
  error.code = Errc::sync_failed;
  return tl::unexpected(std::move(error));
}

Result<void> SimulatedFile::truncate(std::uint64_t size) {
  const std::lock_guard guard(state_->mutex);
  return state_->all_or_nothing("truncate", path_, [&]() -> Result<void> {
    TALLY_TRY_VOID(check_writable("truncate"));
    if (size > kOffsetMax) return refuse(EFBIG, "truncate", path_);
    const std::uint64_t used = state_->tree.total_bytes();
    const std::uint64_t now = node_->content.size();
    if (size > now && size - now > state_->options.capacity_bytes -
                                       std::min(used, state_->options.capacity_bytes)) {
      return refuse(ENOSPC, "truncate", path_);
    }
    node_->content.truncate(size);
    return {};
  });
}

Result<FileInfo> SimulatedFile::info() {
  const std::lock_guard guard(state_->mutex);
  TALLY_TRY_VOID(state_->look("get the size of", path_));
  return info_of(*node_);
}

Result<void> SimulatedFile::lock(std::uint64_t offset, LockMode mode) {
  std::unique_lock guard(state_->mutex);
  return state_->all_or_nothing("lock", path_, [&]() -> Result<void> {
    if (offset > kOffsetMax - 1) return refuse(EFBIG, "lock", path_);
    if (mode == LockMode::exclusive && !writable_) return refuse(EBADF, "lock", path_);
    bool taken = false;
    ++state_->lock_waiters;
    state_->lock_released.wait(guard, [&] {
      if (!state_->crashed) taken = node_->locks.try_take(offset, this, mode);
      return taken || state_->crashed;
    });
    --state_->lock_waiters;
    if (!taken) return tl::unexpected(gone("lock", path_));
    // A shared lock made of an exclusive one may be what somebody else waits for.
    state_->lock_released.notify_all();
    return {};
  });
}

Result<bool> SimulatedFile::try_lock(std::uint64_t offset, LockMode mode) {
  const std::lock_guard guard(state_->mutex);
  bool taken = false;
  TALLY_TRY_VOID(state_->all_or_nothing("lock", path_, [&]() -> Result<void> {
    if (offset > kOffsetMax - 1) return refuse(EFBIG, "lock", path_);
    if (mode == LockMode::exclusive && !writable_) return refuse(EBADF, "lock", path_);
    taken = node_->locks.try_take(offset, this, mode);
    if (taken) state_->lock_released.notify_all();
    return {};
  }));
  return taken;
}

Result<void> SimulatedFile::unlock(std::uint64_t offset) {
  const std::lock_guard guard(state_->mutex);
  return state_->all_or_nothing("unlock", path_, [&]() -> Result<void> {
    if (offset > kOffsetMax - 1) return refuse(EFBIG, "unlock", path_);
    node_->locks.release(offset, this);
    state_->lock_released.notify_all();
    return {};
  });
}

Result<void> SimulatedFile::check_writable(std::string_view action) const {
  if (!writable_) return refuse(EBADF, action, path_);
  if (state_->read_only) return refuse(EROFS, action, path_);
  return {};
}

}  // namespace tally::storage
