// SPDX-License-Identifier: Apache-2.0
// A file system in memory that fails where and how a test says, and forgets what a power cut would
// take.
#pragma once

#include "base/encoding.h"
#include "storage/fault_plan.h"
#include "storage/file_system.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::storage {

struct SimulatedState;

struct SimulatedOptions {
  /// Decides how much of a short write is kept and what a failed sync loses.
  std::uint64_t seed = 0;
  /// Sum of the sizes of all files; a write beyond it keeps what fits and is disk_full.
  std::uint64_t capacity_bytes = std::uint64_t{1} << 30;
};

/// Thread-safe, as are the files that it opens; those may outlive it. Each open File is to the
/// locks what a process is. Errors have the same kinds and texts as those of the machine's files.
///
/// Steps: every call that may change something counts as one, also when it is refused: open to
/// create, write_at, sync, truncate, lock, try_lock, unlock, make_directory, sync_directory,
/// rename, remove. Calls that only look (open, read_at, info, stat, list) have a count of their
/// own.
///
///   for (std::uint64_t step = 0;; ++step) {
///     SimulatedFileSystem fs;
///     fs.fail_at(step, FaultKind::crash_inside);
///     run(fs);
///     if (fs.faults_hit() == 0) break;              // went through all steps
///     check(*fs.after_power_cut(seed));
///   }
class SimulatedFileSystem final : public FileSystem {
 public:
  explicit SimulatedFileSystem(SimulatedOptions options = {});
  ~SimulatedFileSystem() override;

  [[nodiscard]] Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  [[nodiscard]] Result<void> make_directory(const std::string& path) override;
  [[nodiscard]] Result<void> sync_directory(const std::string& path) override;
  [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] Result<void> remove(const std::string& path) override;
  [[nodiscard]] Result<std::vector<std::string>> list(const std::string& path) override;
  [[nodiscard]] Result<std::optional<FileInfo>> stat(const std::string& path) override;
  [[nodiscard]] Result<std::string> unsuitable_for_writing(const std::string& path) override;
  [[nodiscard]] Result<std::string> boot_id() override;

  // What comes after a crash. Both leave this object as it is, so that many outcomes can be tried
  // from one state; the new one has the same options, no locks, no planned faults and begins to
  // count at 0.

  /// The machine went on: same boot id, everything that was visible still is, synced or not. What a
  /// failed sync lost stays lost.
  [[nodiscard]] std::unique_ptr<SimulatedFileSystem> after_process_crash() const;
  /// The machine started again: new boot id, and of what was not synced only what `seed` decides
  /// (PowerCutChoices: 0 keeps nothing, 1 everything, others mix sectors, sizes and names).
  [[nodiscard]] std::unique_ptr<SimulatedFileSystem> after_power_cut(std::uint64_t seed) const;

  // Faults.

  /// One more planned fault; to hit the n-th step from now use steps() + n.
  void fail_at(std::uint64_t step, FaultKind kind);
  void fail_read_at(std::uint64_t step);
  /// Drops planned faults that have not happened.
  void clear_faults();
  /// From now on every call fails, as for a process that is gone; waiting locks end with an error.
  void crash();
  bool crashed() const;
  std::uint64_t steps() const;
  std::uint64_t read_steps() const;
  std::uint64_t faults_hit() const;

  void set_capacity(std::uint64_t bytes);
  /// Every change is permission_denied, as on a read-only mount.
  void set_read_only(bool read_only);
  /// What unsuitable_for_writing says from now on.
  void set_unsuitable(std::string kind);
  /// Memory pressure: what is clean is read from the device again, so that what a failed sync lost
  /// shows.
  void drop_clean_pages();
  /// Threads that wait in lock().
  std::size_t lock_waiters() const;

  // A look and a touch from outside: no steps, no faults, no locks; what they change is durable at
  // once.

  /// What a program would read; nullopt when there is no such file.
  std::optional<std::string> content(std::string_view path) const;
  /// What a power cut that keeps nothing unsynced would leave in the file, if its name survived.
  std::optional<std::string> durable_content(std::string_view path) const;
  /// Makes or replaces a file; its directory must be there.
  void put(std::string_view path, std::string content);
  /// Changes bytes in place; the file must be there and reach that far.
  void overwrite(std::string_view path, std::uint64_t offset, Bytes bytes);
  /// Removes a file or an empty directory that must be there.
  void erase(std::string_view path);
  /// Paths of all files, from the root, sorted.
  std::vector<std::string> paths() const;
  std::uint64_t total_bytes() const;

 private:
  explicit SimulatedFileSystem(std::shared_ptr<SimulatedState> state);
  std::shared_ptr<SimulatedState> state_;
};

}  // namespace tally::storage
