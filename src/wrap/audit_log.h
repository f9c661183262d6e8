// SPDX-License-Identifier: Apache-2.0
// The log as the wrapper uses it: records that must be durable now, records that nobody waits for,
// and the count of those that could not be written.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "event/event.h"
#include "log/writer.h"
#include "record/gap.h"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace tally::wrap {

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
  void start(std::unique_ptr<log::Writer> writer, GapRecord gap_record);

  /// Durable when it returns true. What was queued before is committed before.
  [[nodiscard]] bool append_durable(const std::vector<event::Event>& events,
                                    std::chrono::milliseconds deadline);
  /// Queued; counted as missing when the queue has no room for it.
  void enqueue(const std::vector<event::Event>& events);
  /// Counts what could not be written in another way.
  void count_missing(const std::vector<event::Event>& events);
  /// Writes what is left and signs. Errors are told to the operator too.
  [[nodiscard]] bool close();

 private:
  void lost(std::span<const log::EntryText> entries, const Error& why);
  void report_gap(std::chrono::milliseconds patience);
  [[nodiscard]] bool gap_due();
  void tell(const Error& why);

  std::unique_ptr<log::Writer> writer_;
  GapRecord gap_record_;
  std::mutex mutex_;  // guards what follows
  record::Gap gap_;
  MonoTime next_gap_attempt_{};  ///< for those who must not wait
  bool reporting_gap_ = false;   ///< somebody is writing the record of a gap
  bool failing_ = false;
};

}  // namespace tally::wrap
