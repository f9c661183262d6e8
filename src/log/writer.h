// SPDX-License-Identifier: Apache-2.0
// Appending from any thread: a bounded queue, one writer thread that commits in groups, one
// publisher thread that signs. Acknowledged means synced.
#pragma once

#include "base/clock.h"
#include "base/limits.h"
#include "base/result.h"
#include "log/entry.h"
#include "log/keyring.h"
#include "log/log_info.h"
#include "log/recovery.h"
#include "merkle/checkpoint.h"
#include "storage/file_system.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tally::log {

struct WriterOptions {
  std::uint64_t segment_bytes = kSegmentBytesDefault;
  std::size_t batch_entries = kCommitEntriesMax;  ///< most entries in one commit
  std::chrono::milliseconds flush_interval =
      kFlushInterval;                               ///< longest wait of entries nobody waits for
  std::chrono::milliseconds lock_wait = kLockWait;  ///< how long callers wait for others' lock
  std::chrono::milliseconds checkpoint_interval =
      kCheckpointInterval;  ///< 0: only on request and close
  /// Called on a writer's thread with entries that nobody waited for and that could not be
  /// committed.
  std::function<void(std::span<const EntryText> entries, const Error& why)> on_lost;
  /// Called after each commit, on the thread that made it, before those who wait for it are told:
  /// to ring a bell, not to do work.
  std::function<void()> on_committed;
  /// Called on a writer's thread for what the operator must know: recovery done, signing refused.
  std::function<void(const Error& problem)> on_problem;
};

/// Thread-safe. `fs` and `clock` must live as long as the process: close() may have to leave the
/// writer thread behind, waiting for another process's lock; it finds an empty queue when it gets
/// it, and ends.
class Writer {
 public:
  /// Opens an existing log; the lock is taken and recovery done once before this returns. Errors:
  /// timeout naming the holder when the lock is not free within lock_wait; corrupt, mismatch, io as
  /// recover().
  [[nodiscard]] static Result<std::unique_ptr<Writer>> open(storage::FileSystem& fs,
                                                            std::string directory,
                                                            std::shared_ptr<const Keys> keys,
                                                            const Clock& clock,
                                                            WriterOptions options = {});
  ~Writer();  // as close(), its result lost

  /// Appends durably; waits until it is synced. An entry whose commit has not begun when `deadline`
  /// ends is withdrawn: Errc::timeout, naming who holds the lock. Errors also: overloaded,
  /// disk_full, io, sync_failed, poisoned, closed.
  [[nodiscard]] Result<Appended> append(EntryText entry,
                                        std::chrono::milliseconds deadline = kLockWait);
  /// Several entries with consecutive numbers in the order given; all durable on success, in one
  /// commit as long as they fit one (kCommitEntriesMax, kCommitBytesMax). On failure the first part
  /// may be in the log; `done` tells how many.
  [[nodiscard]] Result<std::vector<Appended>> append_all(
      std::vector<EntryText> entries, std::chrono::milliseconds deadline = kLockWait,
      std::size_t* done = nullptr);

  /// A batch on its way; wait() may be called once, by one thread.
  class Ticket;
  /// Hands over a batch (at most kCommitEntriesMax entries) without waiting for it; waits at most
  /// `room` for room in the queue, then overloaded.
  [[nodiscard]] Result<Ticket> submit(std::vector<EntryText> entries,
                                      std::chrono::milliseconds room);
  /// Who is told what became of a batch, once: on the writer's thread, after the commit, or inside
  /// withdraw(). It must not call the writer. Errors as of append(). A batch that is not waited for
  /// costs its caller no thread.
  using Told = std::function<void(const Result<void>& done, std::span<const EntryText> entries)>;
  /// Hands over a batch, committed at once, and says so to `told`; waits at most `room` for room.
  /// On error nobody is told.
  [[nodiscard]] Result<Ticket> submit(std::vector<EntryText> entries,
                                      std::chrono::milliseconds room, Told told);
  /// The same without ever waiting: nullopt, and `entries` untouched, when there is no room now.
  [[nodiscard]] std::optional<Ticket> try_submit(std::vector<EntryText>& entries, Told told);
  /// A Told that also learns which number and leaf hash each entry got, in their order; none when
  /// they are not in the log. It may take the entries' memory: nobody needs their text any more.
  using Placed = std::function<void(const Result<void>& done, std::span<EntryText> entries,
                                    std::span<const Appended> appended)>;
  [[nodiscard]] std::optional<Ticket> try_submit(std::vector<EntryText>& entries, Placed placed);
  [[nodiscard]] Result<Ticket> submit(std::vector<EntryText> entries,
                                      std::chrono::milliseconds room, Placed placed);
  /// Takes a batch with a Told back unless its commit has begun; it is told Errc::timeout then.
  /// `waited` is for the text.
  void withdraw(const Ticket& ticket, std::chrono::milliseconds waited);
  /// `spent` gets the entries of the batch, so that their memory can be used again.
  [[nodiscard]] Result<std::vector<Appended>> wait(Ticket ticket,
                                                   std::chrono::milliseconds deadline,
                                                   std::vector<EntryText>* spent = nullptr);

  /// An entry that nobody waits for: committed within flush_interval, with the next batch. Waits at
  /// most `room` for room in the queue, then overloaded: the caller counts a gap.
  [[nodiscard]] Result<void> enqueue(EntryText entry, std::chrono::milliseconds room = kGapWait);

  /// Several of them without ever waiting: false, and `entries` untouched, when there is no room
  /// now. On success `entries` holds entries that were committed before, or nothing: for the sake
  /// of their memory (EntryText::release()).
  [[nodiscard]] bool try_enqueue(std::vector<EntryText>& entries);

  /// Commits what is queued and signs the log as it is then; keeps the checkpoint.
  [[nodiscard]] Result<merkle::VerifiedCheckpoint> checkpoint(
      std::chrono::milliseconds wait = kLockWait);

  /// Commits what is queued, signs, ends the threads. Bounded: entries that others' lock kept out
  /// for lock_wait are lost and said so (Errc::timeout). Second call: nothing.
  [[nodiscard]] Result<void> close();

  [[nodiscard]] const LogInfo& info() const;
  /// What recovery did since the last call, if anything; for an event in the log.
  [[nodiscard]] std::optional<RecoveryReport> take_recovery_report();
  /// An integrity failure found by the publisher; signing has stopped and so has writing.
  [[nodiscard]] std::optional<Error> integrity_failure() const;

 private:
  struct Shared;
  explicit Writer(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  std::shared_ptr<Shared> shared_;
};

class Writer::Ticket {
 public:
  struct State;

 private:
  friend class Writer;
  explicit Ticket(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace tally::log
