// SPDX-License-Identifier: Apache-2.0
// The log as capture uses it: records that must be durable now, records that nobody waits for, and
// those that could not be written: spooled if there is a spool, counted in any case.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "event/event.h"
#include "log/writer.h"
#include "record/gap.h"
#include "spool/spooler.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tally::capture {

/// Thread-safe. Tells the operator on standard error when writing stops and when it works again,
/// once each.
class AuditLog {
 public:
  /// Makes the record of a gap; empties it. Called without any lock of this object held.
  using GapRecord = std::function<event::Event(record::Gap&)>;

  AuditLog() = default;
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  /// Options for the writer: its reports of loss come here. The AuditLog must outlive the writer.
  [[nodiscard]] log::WriterOptions writer_options();
  /// Before anything is written.
  void start(std::unique_ptr<log::Writer> writer, GapRecord gap_record,
             std::unique_ptr<spool::Spooler> spooler = nullptr);

  /// Durable when it returns true. What was queued before is committed before.
  [[nodiscard]] bool append_durable(const std::vector<event::Event>& events,
                                    std::chrono::milliseconds deadline);
  /// The same for those who have others to serve meanwhile: hands over, waiting at most `room` for
  /// room in the queue. `told` is called once when all of them are durable or some will not be
  /// (those are counted as missing then): on a thread of the writer, or inside this call or
  /// withdraw(). It must not call back.
  using Told = std::function<void(bool durable)>;
  using Tickets = std::vector<log::Writer::Ticket>;
  [[nodiscard]] Tickets submit(const std::vector<event::Event>& events,
                               std::chrono::milliseconds room, Told told);
  /// The same without ever waiting. nullopt, and nothing was done, when that is not possible now:
  /// there is no room, or the log could not be written and there is a gap to tell of first.
  [[nodiscard]] std::optional<Tickets> try_submit(const std::vector<event::Event>& events,
                                                  const Told& told);
  /// Takes back what is not being committed yet; `waited` is for the text.
  void withdraw(const Tickets& tickets, std::chrono::milliseconds waited);
  /// Queued; when the queue has no room for it, kept in the spool if there is one, and counted as
  /// missing.
  void enqueue(const std::vector<event::Event>& events);
  /// The same without ever waiting; false as try_submit(). `spent` is the caller's, for all its
  /// calls: entries that were committed before, whose memory the next ones use.
  [[nodiscard]] bool try_enqueue(const std::vector<event::Event>& events,
                                 std::vector<log::EntryText>& spent);
  /// Writes the record of a gap, if there is one and it is time to try. For times without records:
  /// otherwise the next one brings it. May wait for a commit.
  void tell_of_gap();
  /// How long after one try the next is due.
  static constexpr std::chrono::seconds kGapRetry{1};
  /// Counts what could not be written in another way.
  void count_missing(const std::vector<event::Event>& events);
  /// What became of entries that somebody handed to the same writer without this object: their
  /// fate is told to the operator and in trouble() as that of its own.
  void heard(const Result<void>& done);
  /// Why records cannot be written at present, in words for a health check; empty when they can, as
  /// far as is known: what failed is forgotten after kTroubleKept, so that those who stay away
  /// because of it come back and try.
  [[nodiscard]] std::string trouble() const;
  static constexpr std::chrono::seconds kTroubleKept{10};
  /// Whether the writer saw a failure that is final (a failed sync, a log that contradicts itself).
  [[nodiscard]] bool finished() const;
  /// Records missing now, not yet told in the log.
  [[nodiscard]] std::uint64_t missing() const;
  /// Writes what is left and signs. Errors are told to the operator too.
  [[nodiscard]] bool close();

 private:
  struct Parts;
  void lost(std::span<const log::EntryText> entries, const Error& why);
  /// Into the spool; false when that is not there or full, and for an event that is no entry.
  [[nodiscard]] bool keep(const std::string& object);
  void report_gap(std::chrono::milliseconds patience);
  [[nodiscard]] bool gap_due();
  [[nodiscard]] bool troubled() const;
  void hear(const Result<void>& done, std::span<const log::EntryText> entries);
  [[nodiscard]] log::Writer::Told told_of_part(std::shared_ptr<Parts> parts);
  [[nodiscard]] std::optional<std::vector<log::EntryText>> part_from(
      const std::vector<event::Event>& events, std::size_t& next);
  void count_missing(std::span<const event::Event> events);
  void count_missing(std::span<const log::EntryText> entries);
  void tell(const Error& why);
  void tell_of_close(const Error& why);
  void works_again();
  void add_to_gap(const event::Event& event, bool spooled = false);

  std::unique_ptr<log::Writer> writer_;
  std::unique_ptr<spool::Spooler> spooler_;  // null: none
  GapRecord gap_record_;
  mutable std::mutex mutex_;  // guards what follows; what is atomic is only written with it
  record::Gap gap_;
  MonoTime next_gap_attempt_{};        ///< for those who must not wait
  bool reporting_gap_ = false;         ///< somebody is writing the record of a gap
  std::atomic<bool> has_gap_ = false;  ///< as gap_: asked with every record
  std::atomic<bool> failing_ = false;
  MonoTime failed_at_{};
  bool finished_ = false;
};

}  // namespace tally::capture
