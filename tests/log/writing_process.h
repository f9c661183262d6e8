// SPDX-License-Identifier: Apache-2.0
// A process that writes a log, without threads, so that the n-th I/O step is the same one in every
// run.
#pragma once

#include "base/random.h"
#include "log/committer.h"
#include "log/create.h"
#include "log/ledger.h"
#include "log/publisher.h"
#include "storage/simulated_file_system.h"

#include <memory>
#include <random>
#include <vector>

namespace tally::log {

/// Repeatable bytes for keys and log ids of tests.
class RepeatableRandom final : public Random {
 public:
  explicit RepeatableRandom(std::uint64_t seed) : generator_(seed) {}
  void fill(std::span<std::byte> out) override {
    for (std::byte& byte : out) byte = static_cast<std::byte>(generator_());
  }

 private:
  std::mt19937_64 generator_;
};

/// Does what Writer does, one call after another. Destroying it is how the process ends (locks are
/// released).
class WritingProcess {
 public:
  /// `fs` is what the process sees; `machine` the same files, for looking at them from outside.
  WritingProcess(storage::FileSystem& fs, const storage::SimulatedFileSystem& machine,
                 Ledger& ledger, std::uint64_t segment_bytes = 700);

  /// Opens the log, making it when there is none, and recovers it.
  Result<void> start();
  /// One commit of `count` new entries; acknowledged in the ledger when it succeeds.
  Result<void> append(std::size_t count);
  Result<void> publish(PublishReason reason);
  /// Whether the process must end: a sync failed, or signing found damage.
  [[nodiscard]] bool finished() const { return finished_; }
  [[nodiscard]] const Keys& keys() const { return *keys_; }
  [[nodiscard]] Committer& committer() { return *committer_; }

 private:
  storage::FileSystem& fs_;
  const storage::SimulatedFileSystem& machine_;
  Ledger& ledger_;
  std::uint64_t segment_bytes_;
  std::unique_ptr<Keys> keys_;
  std::unique_ptr<Committer> committer_;
  std::unique_ptr<Publisher> publisher_;
  bool finished_ = false;
};

/// What a process does in the tests that fail each of its steps.
struct Action {
  std::size_t append = 0;  ///< entries; 0: publish
  PublishReason publish = PublishReason::interval;
};
/// Batches of several sizes, over segment rolls and the end of a tile, with checkpoints of every
/// kind.
const std::vector<Action>& usual_actions();

/// Starts a process and goes through the actions whatever fails; one that must end is started
/// again, until `machine` has crashed. True when everything succeeded.
bool run_actions(storage::SimulatedFileSystem& machine, Ledger& ledger,
                 const std::vector<Action>& actions);

/// After everything that may happen to a machine: opens the log, checks the ledger's promises,
/// checks that a second recovery changes nothing, that the log can be appended to and signed, and
/// the promises again.
void expect_lives_on(storage::SimulatedFileSystem& machine, Ledger ledger);

/// The same in all states that `machine` may be in later: its process ended, or the power was cut,
/// or one after the other. Power cuts keep nothing that was not synced, everything, and a mix that
/// depends on `seed`.
void expect_survives(const storage::SimulatedFileSystem& machine, const Ledger& ledger,
                     std::uint64_t seed);

/// Sanitizers make everything about ten times slower: those builds try every `kStride`-th step.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr std::uint64_t kStride = 7;
#else
inline constexpr std::uint64_t kStride = 1;
#endif

}  // namespace tally::log
