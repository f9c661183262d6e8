// SPDX-License-Identifier: Apache-2.0
#include "log/writer.h"

#include "log/committer.h"
#include "log/publisher.h"
#include "log/submission.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <span>
#include <thread>
#include <utility>

namespace tally::log {
namespace {

using State = Writer::Ticket::State;

Writer::Placed without_places(Writer::Told told) {
  TALLY_CHECK(told);
  return [told = std::move(told)](const Result<void>& done, std::span<EntryText> entries,
                                  std::span<const Appended>) { told(done, entries); };
}

}  // namespace

/// Owned by the Writer and by its threads, so that a thread that is stuck behind another process's
/// lock can be left behind safely.
struct Writer::Shared {
  Shared(storage::FileSystem& fs_in, std::string directory, std::shared_ptr<const Keys> keys_in,
         const Clock& clock, WriterOptions options_in)
      : fs(fs_in),
        layout(std::move(directory)),
        keys(std::move(keys_in)),
        options(std::move(options_in)),
        publisher_clock(clock) {}

  storage::FileSystem& fs;
  Layout layout;
  std::shared_ptr<const Keys> keys;
  WriterOptions options;
  const Clock& publisher_clock;

  std::mutex commit_mutex;  // held by whoever uses the committer; taken before `mutex`
  std::unique_ptr<Committer> committer;
  LogInfo info;
  SubmissionQueue queue;

  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::optional<RecoveryReport> recovery;
  std::optional<Error> integrity;
  std::optional<Result<void>> opened;  // what the first lock, with recovery, came to
  bool has_turn = false;               // the first lock is held
  bool gave_up = false;                // nobody waits for it any more
  bool stop_publisher = false;
  std::uint64_t bytes_since_publish = 0;  // committed by this process
  bool writer_ended = false;
  bool closed = false;

  std::mutex publisher_mutex;  // one publish at a time in this process
  std::unique_ptr<Publisher> publisher;

  std::thread writer_thread;
  std::thread publisher_thread;

  std::optional<Error> integrity_failure() {
    const std::lock_guard lock(mutex);
    return integrity;
  }
  void run_writer();
  void lock_first();
  Result<void> wait_until_open();
  void commit_batch();
  std::optional<Result<Appended>> commit_here(const EntryText& entry,
                                              std::chrono::steady_clock::time_point end);
  Result<std::vector<Appended>> commit_items(const std::vector<SubmissionQueue::Item>& items);
  void note_recovery();
  void note_growth(const std::vector<SubmissionQueue::Item>& items);
  void fail_items(const std::vector<SubmissionQueue::Item>& items, const Error& why);
  void run_publisher();
  Result<std::optional<merkle::VerifiedCheckpoint>> publish(PublishReason reason,
                                                            std::chrono::milliseconds wait);
  Result<void> mend(std::chrono::milliseconds wait);
  void leave_only_lines();
  Error lock_timeout(std::chrono::milliseconds waited) const;
};

Error Writer::Shared::lock_timeout(std::chrono::milliseconds waited) const {
  const std::string holder = Committer::lock_holder(fs, layout);
  return {Errc::timeout, layout.lock() + ": not free within " + std::to_string(waited.count()) +
                             " ms" + (holder.empty() ? "" : ", " + holder)};
}

void Writer::Shared::note_recovery() {
  auto report = committer->take_recovery_report();
  if (!report) return;
  const std::lock_guard lock(mutex);
  recovery = std::move(report);
}

void Writer::Shared::fail_items(const std::vector<SubmissionQueue::Item>& items, const Error& why) {
  for (const auto& item : items) {
    if (!item->awaited && options.on_lost) options.on_lost(item->entries, why);
    queue.finish(item, tl::unexpected(why));
  }
}

/// On the writer's thread, because there the wait may be a blocking one, in the line of the
/// turnstile: who only asks now and then never gets a turn on a busy log.
void Writer::Shared::lock_first() {
  Result<void> ready;
  {
    const std::lock_guard use(commit_mutex);
    ready = committer->lock([this] {
      const std::lock_guard lock(mutex);
      has_turn = true;
      changed.notify_all();
      return !gave_up;
    });
    if (ready) {
      note_recovery();
      committer->unlock();
    }
  }
  const std::lock_guard lock(mutex);
  opened = std::move(ready);
  changed.notify_all();
}

/// The wait for the lock is bounded; recovery takes the time it takes.
Result<void> Writer::Shared::wait_until_open() {
  std::unique_lock lock(mutex);
  if (!changed.wait_for(lock, options.lock_wait, [&] { return has_turn || opened; })) {
    gave_up = true;
    lock.unlock();
    queue.close();
    writer_thread.detach();  // tidy: detach-ok bounded open; it shares ownership of all it can
                             // touch, as in close()
    return tl::unexpected(lock_timeout(options.lock_wait));
  }
  changed.wait(lock, [&] { return opened.has_value(); });
  if (*opened) return {};
  auto result = *opened;
  lock.unlock();
  queue.close();
  writer_thread.join();
  return result;
}

void Writer::Shared::run_writer() {
  lock_first();
  while (queue.wait_for_work(options.flush_interval)) commit_batch();
  const std::lock_guard lock(mutex);
  writer_ended = true;
  changed.notify_all();
}

/// The lock comes first: an item that is still queued while others hold it can be withdrawn.
void Writer::Shared::commit_batch() {
  if (const auto broken = integrity_failure()) {
    fail_items(queue.drain(), *broken);
    return;
  }
  const std::lock_guard use(commit_mutex);
  if (auto locked = committer->lock(); !locked) {
    // In time the one in the way ends, or the callers give up.
    if (locked.error().code != Errc::timeout) fail_items(queue.drain(), locked.error());
    return;
  }
  note_recovery();
  const auto items = queue.take(options.batch_entries);
  if (items.empty()) {  // all withdrawn while we waited
    committer->unlock();
    return;
  }
  auto done = commit_items(items);
  committer->unlock();
  if (!done) {
    const bool later = done.error().code == Errc::timeout && queue.put_back(items, done.error());
    if (!later) fail_items(items, done.error());
    return;
  }
  note_growth(items);
  if (options.on_committed) options.on_committed();
  queue.finish_committed(items, *done);
}

void Writer::Shared::note_growth(const std::vector<SubmissionQueue::Item>& items) {
  const std::lock_guard lock(mutex);
  for (const auto& item : items) bytes_since_publish += item->bytes;
  if (bytes_since_publish >= kCheckpointBytes) changed.notify_all();
}

/// A caller with a single entry and nobody before it commits on its own thread: handing over and
/// waking up costs more than everything but the syncs. nullopt when it has to queue like everybody
/// else; on a log that others write to as well, in the line of the turnstile.
std::optional<Result<Appended>> Writer::Shared::commit_here(
    const EntryText& entry, std::chrono::steady_clock::time_point end) {
  const std::unique_lock use(commit_mutex, std::try_to_lock);
  if (!use.owns_lock() || committer->others_commit() || !queue.idle() || integrity_failure())
    return std::nullopt;
  auto locked = committer->try_lock();
  if (!locked && locked.error().code == Errc::timeout) return std::nullopt;
  if (!locked) return tl::unexpected(std::move(locked).error());
  if (!*locked) return std::nullopt;
  note_recovery();
  auto done = committer->commit(std::span(&entry, 1),
                                [&] { return std::chrono::steady_clock::now() >= end; });
  committer->unlock();
  if (!done && done.error().code == Errc::timeout) return std::nullopt;
  if (!done) return tl::unexpected(std::move(done).error());
  if (options.on_committed) options.on_committed();
  return done->front();
}

Result<std::vector<Appended>> Writer::Shared::commit_items(
    const std::vector<SubmissionQueue::Item>& items) {
  const auto hurry = [&] { return queue.in_a_hurry(items); };
  if (items.size() == 1) return committer->commit(items[0]->entries, hurry);
  std::vector<EntryText> all;
  std::size_t count = 0;
  for (const auto& item : items) count += item->entries.size();
  all.reserve(count);
  for (const auto& item : items) std::ranges::move(item->entries, std::back_inserter(all));
  auto done = committer->commit(all, hurry);
  auto from = all.begin();
  for (const auto& item : items) {  // still needed if they are lost
    for (auto& entry : item->entries) entry = std::move(*from++);
  }
  return done;
}

Result<std::optional<merkle::VerifiedCheckpoint>> Writer::Shared::publish(
    PublishReason reason, std::chrono::milliseconds wait) {
  const std::lock_guard one_at_a_time(publisher_mutex);
  auto published = publisher->publish(reason, wait);
  if (!published && published.error().code == Errc::poisoned && mend(wait))
    published = publisher->publish(reason, wait);
  if (published) return published;
  const Errc code = published.error().code;
  // Whoever's sync failed has said so; every second again would drown it.
  if (code == Errc::poisoned && reason == PublishReason::interval) return published;
  if (code == Errc::corrupt || code == Errc::sync_failed || code == Errc::mismatch) {
    const std::lock_guard lock(mutex);
    if (!integrity) integrity = published.error();
  }
  if (options.on_problem) options.on_problem(published.error());
  return published;
}

/// Another process's sync failed: recovery, which comes with the lock, makes the log durable again.
Result<void> Writer::Shared::mend(std::chrono::milliseconds wait) {
  std::unique_lock use(commit_mutex, std::defer_lock);
  TALLY_TRY(const bool ours, wait_until(wait, [&]() -> Result<bool> { return use.try_lock(); }));
  if (!ours) return tl::unexpected(lock_timeout(wait));
  TALLY_TRY(const bool locked, wait_until(wait, [&] { return committer->try_lock(); }));
  if (!locked) return tl::unexpected(lock_timeout(wait));
  note_recovery();
  committer->unlock();
  return {};
}

/// Cuts the room behind the lines, unless somebody commits just now; the last one to close does.
void Writer::Shared::leave_only_lines() {
  const std::unique_lock use(commit_mutex, std::try_to_lock);
  if (!use.owns_lock() || integrity_failure()) return;
  const auto locked = committer->try_lock();
  if (!locked || !*locked) return;
  note_recovery();
  static_cast<void>(committer->cut_room());  // room that stays does no harm
  committer->unlock();
}

void Writer::Shared::run_publisher() {
  std::unique_lock lock(mutex);
  for (;;) {
    changed.wait_for(lock, options.checkpoint_interval,
                     [&] { return stop_publisher || bytes_since_publish >= kCheckpointBytes; });
    if (stop_publisher || integrity) return;
    bytes_since_publish = 0;
    lock.unlock();
    static_cast<void>(
        publish(PublishReason::interval, std::chrono::milliseconds(0)));  // told to on_problem
    lock.lock();
  }
}

Result<std::unique_ptr<Writer>> Writer::open(storage::FileSystem& fs, std::string directory,
                                             std::shared_ptr<const Keys> keys, const Clock& clock,
                                             WriterOptions options) {
  auto shared = std::make_shared<Shared>(fs, std::move(directory), std::move(keys), clock,
                                         std::move(options));
  TALLY_TRY(shared->committer, Committer::open(fs, shared->layout, *shared->keys,
                                               {.segment_bytes = shared->options.segment_bytes}));
  shared->info = shared->committer->info();
  TALLY_TRY(auto publisher, Publisher::open(fs, shared->layout, *shared->keys, clock));
  shared->publisher = std::make_unique<Publisher>(std::move(publisher));

  shared->writer_thread = std::thread([shared] { shared->run_writer(); });
  TALLY_TRY_VOID(shared->wait_until_open());
  if (shared->options.checkpoint_interval.count() > 0) {
    shared->publisher_thread = std::thread([shared] { shared->run_publisher(); });
  }
  return std::unique_ptr<Writer>(new Writer(std::move(shared)));
}

Writer::~Writer() { static_cast<void>(close()); }

Result<Writer::Ticket> Writer::submit(std::vector<EntryText> entries,
                                      std::chrono::milliseconds room) {
  TALLY_CHECK(!entries.empty() && entries.size() <= kCommitEntriesMax);
  auto state = std::make_shared<State>();
  state->bytes = bytes_of(entries);
  state->entries = std::move(entries);
  TALLY_TRY_VOID(shared_->queue.push(state, room));
  return Ticket(std::move(state));
}

Result<Writer::Ticket> Writer::submit(std::vector<EntryText> entries,
                                      std::chrono::milliseconds room, Placed placed) {
  TALLY_CHECK(!entries.empty() && entries.size() <= kCommitEntriesMax && placed);
  auto state = std::make_shared<State>();
  state->bytes = bytes_of(entries);
  state->entries = std::move(entries);
  state->told = std::move(placed);
  TALLY_TRY_VOID(shared_->queue.push(state, room));
  return Ticket(std::move(state));
}

std::optional<Writer::Ticket> Writer::try_submit(std::vector<EntryText>& entries, Placed placed) {
  TALLY_CHECK(!entries.empty() && entries.size() <= kCommitEntriesMax && placed);
  auto state = std::make_shared<State>();
  state->bytes = bytes_of(entries);
  state->entries = std::move(entries);
  state->told = std::move(placed);
  if (shared_->queue.try_push(state)) return Ticket(std::move(state));
  entries = std::move(state->entries);
  return std::nullopt;
}

Result<Writer::Ticket> Writer::submit(std::vector<EntryText> entries,
                                      std::chrono::milliseconds room, Told told) {
  return submit(std::move(entries), room, without_places(std::move(told)));
}

std::optional<Writer::Ticket> Writer::try_submit(std::vector<EntryText>& entries, Told told) {
  return try_submit(entries, without_places(std::move(told)));
}

void Writer::withdraw(const Ticket& ticket, std::chrono::milliseconds waited) {
  const auto& state = ticket.state_;
  if (!shared_->queue.withdraw(state)) return;
  state->told(tl::unexpected(shared_->lock_timeout(waited)), state->entries, {});
}

bool Writer::try_enqueue(std::vector<EntryText>& entries) {
  TALLY_CHECK(!entries.empty() && entries.size() <= kCommitEntriesMax);
  return shared_->queue.try_push_unawaited(entries);
}

Result<std::vector<Appended>> Writer::wait(Ticket ticket, std::chrono::milliseconds deadline,
                                           std::vector<EntryText>* spent) {
  auto result = shared_->queue.wait(ticket.state_, deadline);
  if (spent != nullptr) *spent = std::move(ticket.state_->entries);
  if (!result) return tl::unexpected(shared_->lock_timeout(deadline));
  return std::move(*result);
}

Result<Appended> Writer::append(EntryText entry, std::chrono::milliseconds deadline) {
  using std::chrono::steady_clock;
  const auto end = steady_clock::now() + deadline;
  if (auto done = shared_->commit_here(entry, end)) return std::move(*done);
  const auto left = [end] {
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(end - steady_clock::now()),
                    std::chrono::milliseconds(0));
  };
  std::vector<EntryText> one;
  one.push_back(std::move(entry));
  TALLY_TRY(Ticket ticket, submit(std::move(one), left()));
  auto result = shared_->queue.wait(ticket.state_, left());
  if (!result) return tl::unexpected(shared_->lock_timeout(deadline));
  if (!*result) return tl::unexpected(std::move(*result).error());
  return (*result)->front();
}

Result<std::vector<Appended>> Writer::append_all(std::vector<EntryText> entries,
                                                 std::chrono::milliseconds deadline,
                                                 std::size_t* done) {
  std::vector<Appended> all;
  if (done != nullptr) *done = 0;
  auto next = entries.begin();
  while (next != entries.end()) {
    std::vector<EntryText> batch;
    std::size_t bytes = 0;
    while (next != entries.end() && batch.size() < kCommitEntriesMax &&
           (batch.empty() || bytes + next->object().size() <= kCommitBytesMax)) {
      bytes += next->object().size();
      batch.push_back(std::move(*next++));
    }
    TALLY_TRY(Ticket ticket, submit(std::move(batch), deadline));
    TALLY_TRY(const auto appended, wait(std::move(ticket), deadline));
    all.insert(all.end(), appended.begin(), appended.end());
    if (done != nullptr) *done = all.size();
  }
  return all;
}

Result<void> Writer::enqueue(EntryText entry, std::chrono::milliseconds room) {
  auto state = std::make_shared<State>();
  state->bytes = entry.object().size();
  state->entries.push_back(std::move(entry));
  state->awaited = false;
  return shared_->queue.push(std::move(state), room);
}

Result<merkle::VerifiedCheckpoint> Writer::checkpoint(std::chrono::milliseconds wait) {
  shared_->queue.flush();
  if (!shared_->queue.wait_idle(wait)) return tl::unexpected(shared_->lock_timeout(wait));
  TALLY_TRY(auto published, shared_->publish(PublishReason::request, wait));
  if (!published)
    return fail(Errc::timeout, shared_->layout.lock() +
                                   ": another process holds the lock for signing; nothing is lost, "
                                   "try again");
  return std::move(*published);
}

Result<void> Writer::close() {
  {
    const std::lock_guard lock(shared_->mutex);
    if (std::exchange(shared_->closed, true)) return {};
  }
  shared_->queue.close();
  Result<void> result;
  if (!shared_->queue.wait_idle(shared_->options.lock_wait)) {
    const Error why = shared_->lock_timeout(shared_->options.lock_wait);
    shared_->fail_items(shared_->queue.drain(), why);
    result = tl::unexpected(why);
  }
  {
    std::unique_lock lock(shared_->mutex);
    shared_->stop_publisher = true;
    shared_->changed.notify_all();
    shared_->changed.wait_for(lock, std::chrono::milliseconds(100),
                              [&] { return shared_->writer_ended; });
    if (!shared_->writer_ended) {
      // Blocked in the kernel behind a lock that may never be free. It shares ownership of all it
      // can still touch, and finds nothing to do when it wakes.
      shared_->writer_thread.detach();  // tidy: detach-ok bounded close; see the class comment
    }
  }
  if (shared_->writer_thread.joinable()) shared_->writer_thread.join();
  if (shared_->publisher_thread.joinable()) shared_->publisher_thread.join();
  shared_->leave_only_lines();
  if (result && !integrity_failure()) {
    auto published = shared_->publish(PublishReason::close, shared_->options.lock_wait);
    if (!published) return tl::unexpected(std::move(published).error());
    if (!*published) {
      return fail(Errc::timeout, shared_->layout.lock() +
                                     ": another process held the lock for signing all the time; "
                                     "every entry is durable, and the next checkpoint signs those "
                                     "that none covers yet");
    }
  }
  return result;
}

const LogInfo& Writer::info() const { return shared_->info; }

std::optional<RecoveryReport> Writer::take_recovery_report() {
  const std::lock_guard lock(shared_->mutex);
  return std::exchange(shared_->recovery, std::nullopt);
}

std::optional<Error> Writer::integrity_failure() const { return shared_->integrity_failure(); }

}  // namespace tally::log
