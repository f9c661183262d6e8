// SPDX-License-Identifier: Apache-2.0
#include "spool/spooler.h"

#include "base/limits.h"
#include "event/codec.h"
#include "log/reader.h"

#include <algorithm>
#include <unordered_set>
#include <utility>
#include <vector>

namespace tally::spool {
namespace {

/// What tells an entry from others, in the spool and with its number in the log.
std::string key_of(std::string_view text) {
  if (auto decoded = event::decode(text)) return std::move(decoded->event.event_id);
  const std::string_view seq = "{\"seq\":";
  if (text.starts_with(seq)) {
    const std::size_t comma = text.find(',');
    text.remove_prefix(comma == std::string_view::npos ? 0 : comma);
  } else if (!text.empty()) {
    text.remove_prefix(1);
    return ',' + std::string(text);
  }
  return std::string(text);
}

}  // namespace

Result<std::unique_ptr<Spooler>> Spooler::open(storage::FileSystem& fs,
                                               const std::string& directory, SpoolOptions options,
                                               LogPlace log, const Clock& clock) {
  if (directory.empty()) return nullptr;
  TALLY_TRY(auto spool, with_context(Spool::open(fs, directory, std::move(options)), "the spool"));
  return std::make_unique<Spooler>(std::move(spool), std::move(log), clock);
}

Spooler::Spooler(std::unique_ptr<Spool> spool, LogPlace log, const Clock& clock)
    : spool_(std::move(spool)), log_(std::move(log)), clock_(clock) {}

Spooler::~Spooler() { stop(); }

void Spooler::start(log::Writer& writer) {
  writer_ = &writer;
  thread_ = std::thread([this] { run(); });
}

bool Spooler::keep(std::string_view object) {
  if (!spool_->add(object)) return false;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(dirty_, true)) return true;
  }
  changed_.notify_one();
  return true;
}

void Spooler::replay_soon() {
  {
    const std::lock_guard lock(mutex_);
    replay_ = true;
  }
  changed_.notify_one();
}

Result<void> Spooler::visit(const Spool::Visit& see) { return spool_->visit(see); }

void Spooler::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(stopping_, true)) give_up_at_ = clock_.mono() + kSpoolLastReplay;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
  static_cast<void>(spool_->sync());  // what came after the thread
}

void Spooler::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return dirty_ || replay_ || stopping_; });
    // More will come while the log fails: one sync for all of it.
    if (!replay_ && !stopping_) {
      changed_.wait_for(lock, kSpoolSyncInterval, [this] { return replay_ || stopping_; });
    }
    const bool replay = std::exchange(replay_, false);
    const bool last = stopping_ && !replay;
    dirty_ = false;
    lock.unlock();
    if (replay) {
      // What failed waits: whoever finds the log writable again asks again.
      static_cast<void>(spool_->replay(*this));
    }
    // A spool that cannot be synced begins a new file; what it may have lost is counted anyway.
    static_cast<void>(spool_->sync());
    if (last) return;
    lock.lock();
  }
}

Result<std::uint64_t> Spooler::size() {
  TALLY_TRY(auto reader, log::Reader::open(log_.fs, log_.directory));
  TALLY_TRY(const log::Head head, reader.head());
  return head.size.value();
}

/// What of the batch is not among the entries from `since` on.
Result<std::vector<std::string>> Spooler::missing(std::span<const std::string> batch,
                                                  std::uint64_t since) {
  TALLY_TRY(auto reader, log::Reader::open(log_.fs, log_.directory));
  TALLY_TRY(const log::Head head, reader.head());
  std::unordered_set<std::string> wanted;
  for (const std::string& object : batch) wanted.insert(key_of(object));
  since = std::min(since, head.size.value());
  TALLY_TRY_VOID(reader.scan(head, LeafIndex{since}, [&](LeafIndex, std::string_view line) {
    wanted.erase(key_of(line));
    return !wanted.empty();
  }));
  std::vector<std::string> out;
  for (const std::string& object : batch) {
    if (wanted.contains(key_of(object))) out.push_back(object);
  }
  return out;
}

Result<void> Spooler::write(std::span<const std::string> batch,
                            std::optional<std::uint64_t> maybe_since) {
  std::vector<std::string> rest;
  if (maybe_since) {
    TALLY_TRY(rest, missing(batch, *maybe_since));
    batch = rest;
  }
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ && clock_.mono() >= give_up_at_) {
      return fail(Errc::timeout, "the process ends; what waits in the spool stays there");
    }
  }
  std::vector<log::EntryText> entries;
  entries.reserve(batch.size());
  for (const std::string& object : batch) {
    std::string text = object;
    if (auto decoded = event::decode(object)) {
      decoded->event.recorded_at = clock_.now();
      text = event::encode(decoded->event);
    }
    auto entry = log::EntryText::from_object(std::move(text));
    // With recorded_at it may just be too long; what is no entry at all cannot be in the spool.
    if (!entry) entry = log::EntryText::from_object(object);
    if (entry) entries.push_back(std::move(*entry));
  }
  if (entries.empty()) return {};
  TALLY_TRY(const auto appended, writer_->append_all(std::move(entries)));
  static_cast<void>(appended);
  return {};
}

}  // namespace tally::spool
