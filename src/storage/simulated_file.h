// SPDX-License-Identifier: Apache-2.0
// State shared by a simulated file system and its open files, and the open file itself.
#pragma once

#include "storage/fault_plan.h"
#include "storage/file_system.h"
#include "storage/simulated_file_system.h"
#include "storage/simulated_tree.h"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>

namespace tally::storage {

/// Everything under one mutex: clarity is worth more here than speed.
struct SimulatedState {
  explicit SimulatedState(SimulatedOptions chosen) : options(chosen), generator(chosen.seed) {}

  mutable std::mutex mutex;
  std::condition_variable lock_released;

  // Guarded by mutex.
  SimulatedOptions options;
  std::mt19937_64 generator;
  SimulatedTree tree;
  FaultPlan plan;
  std::uint64_t boots = 1;
  std::string unsuitable;
  bool read_only = false;
  bool crashed = false;
  std::size_t lock_waiters = 0;

  /// Counts a step and says which fault the caller has to act out, if any; an error after a crash.
  [[nodiscard]] Result<std::optional<FaultKind>> step(FaultPlan::Step kind, std::string_view action,
                                                      std::string_view path);
  /// Counts a step of a call that happens or not, performs it with `change`, and acts out every
  /// fault.
  template <class Change>
  [[nodiscard]] Result<void> all_or_nothing(std::string_view action, std::string_view path,
                                            Change change);
  /// Counts a call that only looks.
  [[nodiscard]] Result<void> look(std::string_view action, std::string_view path);
  /// The error of a fault that needs no acting out: the call did what it did, and says this. A
  /// crash takes effect here: every later call fails, and those that wait are woken.
  [[nodiscard]] Error error_of(FaultKind fault, std::string_view action, std::string_view path);
  void crash();
  bool coin() { return (generator() & 1U) != 0; }
};

class SimulatedFile final : public File {
 public:
  SimulatedFile(std::shared_ptr<SimulatedState> state, NodePtr node, std::string path,
                bool writable)
      : state_(std::move(state)),
        node_(std::move(node)),
        path_(std::move(path)),
        writable_(writable),
        failed_syncs_seen_(node_->failed_syncs) {}
  ~SimulatedFile() override;
  SimulatedFile(const SimulatedFile&) = delete;
  SimulatedFile& operator=(const SimulatedFile&) = delete;

  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset,
                                            std::span<std::byte> out) override;
  [[nodiscard]] Result<void> write_at(std::uint64_t offset, Bytes bytes) override;
  [[nodiscard]] Result<void> sync() override;
  [[nodiscard]] Result<void> truncate(std::uint64_t size) override;
  [[nodiscard]] Result<FileInfo> info() override;
  [[nodiscard]] Result<void> lock(std::uint64_t offset, LockMode mode) override;
  [[nodiscard]] Result<bool> try_lock(std::uint64_t offset, LockMode mode) override;
  [[nodiscard]] Result<void> unlock(std::uint64_t offset) override;

 private:
  [[nodiscard]] Result<void> check_writable(std::string_view action) const;
  [[nodiscard]] Result<void> act_out_write(FaultKind fault, std::uint64_t offset, Bytes bytes);
  [[nodiscard]] Result<void> act_out_sync(FaultKind fault);

  const std::shared_ptr<SimulatedState> state_;
  const NodePtr node_;
  const std::string path_;
  const bool writable_;
  std::uint64_t failed_syncs_seen_;  // guarded by the state's mutex
};

FileInfo info_of(const SimulatedNode& node);

template <class Change>
Result<void> SimulatedState::all_or_nothing(std::string_view action, std::string_view path,
                                            Change change) {
  TALLY_TRY(const auto fault, step(FaultPlan::Step::change, action, path));
  if (!fault) return change();
  const bool happens =
      *fault == FaultKind::crash_after || (*fault == FaultKind::crash_inside && coin());
  // The caller never learns the outcome, so whether the change itself succeeds does not matter.
  if (happens) [[maybe_unused]]
    const Result<void> unheard = change();
  return tl::unexpected(error_of(*fault, action, path));
}

}  // namespace tally::storage
