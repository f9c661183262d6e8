// SPDX-License-Identifier: Apache-2.0
#include "capture/audit_log.h"

#include "base/own_log.h"
#include "event/codec.h"

#include <atomic>
#include <utility>

namespace tally::capture {
namespace {

/// How long the record of a gap may keep those waiting who relay, and how often it is tried at
/// their cost.
constexpr std::chrono::milliseconds kGapPatience{20};

/// In the memory of `text`, whatever it holds.
Result<log::EntryText> entry_of(const event::Event& event, std::string text = {}) {
  text.clear();
  event::encode_to(text, event);
  auto entry = log::EntryText::from_object(std::move(text));
  if (entry || entry.error().code != Errc::too_large) return entry;
  return log::EntryText::from_object(event::encode(event::shrink_to_fit(event)));
}

/// Makes `entries`, in the memory of those that it holds, those of all events; false, and none,
/// when one commit cannot take them or one is no entry.
bool make_entries(const std::vector<event::Event>& events, std::vector<log::EntryText>& entries) {
  std::size_t bytes = 0;
  std::size_t made = 0;
  bool good = events.size() <= kCommitEntriesMax;
  for (; good && made < events.size(); ++made) {
    const bool spent = made < entries.size();
    auto entry = entry_of(events[made], spent ? std::move(entries[made]).release() : std::string());
    if (entry) bytes += entry->object().size();
    good = entry && bytes <= kCommitBytesMax;
    if (!good) break;
    if (spent) {
      entries[made] = std::move(*entry);
    } else {
      entries.push_back(std::move(*entry));
    }
  }
  entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(good ? made : 0), entries.end());
  return good && !entries.empty();
}

bool is_final(Errc code) {
  return code == Errc::sync_failed || code == Errc::poisoned || code == Errc::corrupt ||
         code == Errc::mismatch;
}

void say_trouble(const std::string& text) { say(LogLevel::error, "log", text); }

void say_works_again() { say(LogLevel::info, "log", "the log can be written again"); }

}  // namespace

/// What was handed over in one call, by as many commits as it needs.
struct AuditLog::Parts {
  std::atomic<std::size_t> left{0};
  std::atomic<bool> durable{true};
  Told told;

  void end_one() {
    if (left.fetch_sub(1) == 1) told(durable);
  }
};

log::WriterOptions AuditLog::writer_options() {
  log::WriterOptions options;
  options.on_lost = [this](std::span<const log::EntryText> entries, const Error& why) {
    lost(entries, why);
  };
  options.on_problem = [this](const Error& problem) { tell(problem); };
  return options;
}

void AuditLog::start(std::unique_ptr<log::Writer> writer, GapRecord gap_record,
                     std::unique_ptr<spool::Spooler> spooler) {
  writer_ = std::move(writer);
  gap_record_ = std::move(gap_record);
  if (spooler == nullptr) return;
  {
    const std::lock_guard lock(mutex_);
    spooler_ = std::move(spooler);
    // What an earlier process could not write is a gap that nobody has told of yet.
    const auto seen = spooler_->visit([this](std::string_view object) {
      const auto decoded = event::decode(object);
      add_to_gap(decoded ? decoded->event : event::Event(), true);
    });
    if (!seen) say_trouble("the spool cannot be read: " + seen.error().detail);
  }
  spooler_->start(*writer_);
}

bool AuditLog::append_durable(const std::vector<event::Event>& events,
                              std::chrono::milliseconds deadline) {
  report_gap(kGapWait);
  std::vector<log::EntryText> entries;
  entries.reserve(events.size());
  for (const event::Event& event : events) {
    auto entry = entry_of(event);
    if (!entry) {
      tell(entry.error());
      return false;
    }
    entries.push_back(std::move(*entry));
  }
  Result<void> done;
  if (entries.size() == 1) {
    auto appended = writer_->append(std::move(entries.front()), deadline);
    if (!appended) done = tl::unexpected(std::move(appended).error());
  } else {
    auto appended = writer_->append_all(std::move(entries), deadline);
    if (!appended) done = tl::unexpected(std::move(appended).error());
  }
  if (!done) {
    tell(done.error());
    return false;
  }
  works_again();
  return true;
}

void AuditLog::hear(const Result<void>& done, std::span<const log::EntryText> entries) {
  heard(done);
  if (!done) count_missing(entries);
}

log::Writer::Told AuditLog::told_of_part(std::shared_ptr<Parts> parts) {
  return [this, parts = std::move(parts)](const Result<void>& done,
                                          std::span<const log::EntryText> entries) {
    if (!done) parts->durable = false;
    hear(done, entries);
    parts->end_one();
  };
}

/// The entries of one commit, from `next` on; nullopt at an event that is no entry.
std::optional<std::vector<log::EntryText>> AuditLog::part_from(
    const std::vector<event::Event>& events, std::size_t& next) {
  std::vector<log::EntryText> entries;
  std::size_t bytes = 0;
  while (next < events.size() && entries.size() < kCommitEntriesMax) {
    auto entry = entry_of(events[next]);
    if (!entry) {
      tell(entry.error());
      return std::nullopt;
    }
    bytes += entry->object().size();
    if (!entries.empty() && bytes > kCommitBytesMax) break;
    entries.push_back(std::move(*entry));
    ++next;
  }
  return entries;
}

AuditLog::Tickets AuditLog::submit(const std::vector<event::Event>& events,
                                   std::chrono::milliseconds room, Told told) {
  Tickets tickets;
  const auto parts = std::make_shared<Parts>();
  parts->left = 1;  // the first part must not end the whole before the last was handed over
  parts->told = std::move(told);
  tell_of_gap();
  std::size_t next = 0;
  for (std::size_t begin = 0; begin < events.size(); begin = next) {
    auto entries = part_from(events, next);
    Result<log::Writer::Ticket> ticket = fail(Errc::malformed, "");
    if (entries) {
      parts->left.fetch_add(1);
      ticket = writer_->submit(std::move(*entries), room, told_of_part(parts));
      if (!ticket) parts->left.fetch_sub(1);
    }
    if (!ticket) {
      if (entries) tell(ticket.error());
      parts->durable = false;
      count_missing(std::span(events).subspan(begin));
      break;
    }
    tickets.push_back(std::move(*ticket));
  }
  parts->end_one();
  return tickets;
}

std::optional<AuditLog::Tickets> AuditLog::try_submit(const std::vector<event::Event>& events,
                                                      const Told& told) {
  if (troubled()) return std::nullopt;
  std::vector<log::EntryText> entries;
  if (!make_entries(events, entries)) return std::nullopt;
  auto ticket = writer_->try_submit(
      entries, log::Writer::Placed([this, told](const Result<void>& done, auto written, auto) {
        hear(done, written);
        told(done.has_value());
      }));
  if (!ticket) return std::nullopt;
  Tickets tickets;
  tickets.push_back(std::move(*ticket));
  return tickets;
}

void AuditLog::withdraw(const Tickets& tickets, std::chrono::milliseconds waited) {
  for (const log::Writer::Ticket& ticket : tickets) writer_->withdraw(ticket, waited);
}

bool AuditLog::troubled() const {
  return failing_.load(std::memory_order_acquire) || has_gap_.load(std::memory_order_acquire);
}

/// With the lock.
void AuditLog::add_to_gap(const event::Event& event, bool spooled) {
  gap_.add(event, spooled);
  has_gap_ = true;
}

bool AuditLog::try_enqueue(const std::vector<event::Event>& events,
                           std::vector<log::EntryText>& spent) {
  if (!troubled() && make_entries(events, spent) && writer_->try_enqueue(spent)) return true;
  spent.clear();
  return false;
}

void AuditLog::enqueue(const std::vector<event::Event>& events) {
  for (const event::Event& event : events) {
    tell_of_gap();
    auto entry = entry_of(event);
    const std::string object = entry && spooler_ != nullptr ? entry->object() : std::string();
    Result<void> queued;
    if (entry) {
      bool failing = false;
      {
        const std::lock_guard lock(mutex_);
        failing = failing_;
      }
      // While writing fails nothing is gained by waiting for room again and again.
      queued =
          writer_->enqueue(std::move(*entry), failing ? std::chrono::milliseconds(0) : kGapWait);
    } else {
      queued = tl::unexpected(std::move(entry).error());
    }
    if (!queued) {
      tell(queued.error());
      const bool spooled = keep(object);
      const std::lock_guard lock(mutex_);
      add_to_gap(event, spooled);
    }
  }
}

void AuditLog::count_missing(const std::vector<event::Event>& events) {
  count_missing(std::span(events));
}

void AuditLog::count_missing(std::span<const event::Event> events) {
  const std::lock_guard lock(mutex_);
  for (const event::Event& event : events) add_to_gap(event);
}

void AuditLog::count_missing(std::span<const log::EntryText> entries) {
  for (const log::EntryText& entry : entries) {
    const auto decoded = event::decode(entry.object());
    const std::lock_guard lock(mutex_);
    add_to_gap(decoded ? decoded->event : event::Event());
  }
}

bool AuditLog::close() {
  report_gap(kGapWait);
  if (spooler_ != nullptr) spooler_->stop();
  auto closed = writer_->close();
  if (!closed) tell_of_close(closed.error());
  if (spooler_ != nullptr) spooler_->stop();  // syncs what closing could not write
  const std::lock_guard lock(mutex_);
  if (!gap_.empty()) {
    say_trouble(std::to_string(gap_.total()) +
                " records could not be written and are missing in the log" +
                (gap_.spooled() == 0
                     ? ""
                     : "; " + std::to_string(gap_.spooled()) + " of them wait in the spool"));
  }
  return closed.has_value() && gap_.empty();
}

/// Entries that were queued and then could not be committed: the gap knows them by what they say.
void AuditLog::lost(std::span<const log::EntryText> entries, const Error& why) {
  tell(why);
  for (const log::EntryText& entry : entries) {
    const bool spooled = keep(entry.object());
    const auto decoded = event::decode(entry.object());
    const std::lock_guard lock(mutex_);
    add_to_gap(decoded ? decoded->event : event::Event(), spooled);
  }
}

bool AuditLog::keep(const std::string& object) {
  return spooler_ != nullptr && !object.empty() && spooler_->keep(object);
}

void AuditLog::tell_of_gap() {
  if (gap_due()) report_gap(kGapPatience);
}

bool AuditLog::gap_due() {
  const std::lock_guard lock(mutex_);
  const MonoTime now = std::chrono::steady_clock::now();
  if (gap_.empty() || now < next_gap_attempt_) return false;
  next_gap_attempt_ = now + kGapRetry;
  return true;
}

/// A gap is itself a record, as soon as one can be written again. No lock is held meanwhile: the
/// writer thread may want to report a loss.
void AuditLog::report_gap(std::chrono::milliseconds patience) {
  record::Gap gap;
  {
    const std::lock_guard lock(mutex_);
    if (gap_.empty() || reporting_gap_) return;
    reporting_gap_ = true;
    gap = std::exchange(gap_, {});
    has_gap_ = false;
  }
  record::Gap emptied = gap;
  auto entry = entry_of(gap_record_(emptied));
  // Waited for, not queued: nobody else would know if it were lost, and the count with it.
  const bool written = entry && writer_->append(std::move(*entry), patience);
  const std::lock_guard lock(mutex_);
  reporting_gap_ = false;
  if (written && spooler_ != nullptr && gap.spooled() != 0) spooler_->replay_soon();
  if (!written) {
    gap_.merge(gap);
    has_gap_ = true;
  } else if (failing_.exchange(false)) {
    say_works_again();
  }
}

void AuditLog::heard(const Result<void>& done) {
  if (done) {
    works_again();
  } else {
    tell(done.error());
  }
}

std::string AuditLog::trouble() const {
  const std::lock_guard lock(mutex_);
  if (finished_) return "log failed";
  const bool lately = std::chrono::steady_clock::now() - failed_at_ < kTroubleKept;
  return failing_ && lately ? "the log cannot be written at present" : "";
}

bool AuditLog::finished() const {
  const std::lock_guard lock(mutex_);
  return finished_;
}

std::uint64_t AuditLog::missing() const {
  const std::lock_guard lock(mutex_);
  return gap_.total();
}

void AuditLog::works_again() {
  if (!failing_.load(std::memory_order_acquire)) return;  // nearly always
  const std::lock_guard lock(mutex_);
  if (failing_.exchange(false)) say_works_again();
}

/// What was written and could not be signed is not "cannot be written".
void AuditLog::tell_of_close(const Error& why) {
  if (why.code == Errc::timeout && !troubled()) {
    say(LogLevel::warning, "log", "not all of the log is signed: " + why.detail);
  } else {
    tell(why);
  }
}

void AuditLog::tell(const Error& why) {
  const std::lock_guard lock(mutex_);
  finished_ = finished_ || is_final(why.code);
  failed_at_ = std::chrono::steady_clock::now();
  if (!failing_.exchange(true)) say_trouble("the log cannot be written: " + why.detail);
}

}  // namespace tally::capture
