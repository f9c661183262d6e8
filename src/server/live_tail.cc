// SPDX-License-Identifier: Apache-2.0
#include "server/live_tail.h"

#include "base/check.h"
#include "server/share.h"

#include <algorithm>
#include <map>
#include <sys/resource.h>
#include <utility>

namespace tally::server {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr int kNiceness = 5;
/// How often tokens and silence are looked after. With kTokenReload: a revoked token ends its
/// streams within a second.
constexpr milliseconds kTick{400};
/// After new entries, and for each stream that was woken for them, the tail rests so long: commits
/// that come faster are sent together, and streams take a part of one core at most.
constexpr microseconds kRest{4'000};
constexpr microseconds kRestForEach{40};
/// After a log that could not be read.
constexpr milliseconds kRetry{1'000};

}  // namespace

LiveTail::LiveTail(Parts parts)
    : parts_(std::move(parts)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

LiveTail::~LiveTail() { stop(); }

void LiveTail::stop() {
  end_all(StreamEnd::stopping);
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

bool LiveTail::join(TailMember& member) {
  {
    const std::lock_guard lock(mutex_);
    if (has_no_place(member.principal)) return false;
    member.sent = member.level = parts_.clock.mono();
    if (ring_) member.group = ring_->join(member.filter);
    members_.push_back(&member);
  }
  changed_.ring();
  return true;
}

void LiveTail::leave(TailMember& member) {
  const std::lock_guard lock(mutex_);
  const auto at = std::ranges::find(members_, &member);
  if (at == members_.end()) return;
  *at = members_.back();
  members_.pop_back();
  if (ring_ && member.group != nullptr) ring_->leave(member.group);
  if (members_.empty()) ring_.reset();
}

/// With the mutex held.
bool LiveTail::has_no_place(std::string_view principal) const {
  if (stopped_ || members_.size() >= parts_.streams_max) return true;
  const auto own = std::ranges::count(members_, principal, &TailMember::principal);
  return static_cast<std::size_t>(own) >= share_of(parts_.streams_max);
}

bool LiveTail::full(std::string_view principal) {
  const std::lock_guard lock(mutex_);
  return has_no_place(principal);
}

LiveTail::Turn LiveTail::take(TailMember& member, std::string& out) {
  using Kind = Turn::Kind;
  const std::lock_guard lock(mutex_);
  const auto turn = [&](Kind kind) {
    return Turn{kind, member.next, ring_ ? ring_->end() : 0, member.end, member.standing};
  };
  if (member.end != StreamEnd::none) return turn(Kind::end);
  const MonoTime now = parts_.clock.mono();
  if (ring_ && member.group != nullptr) {
    const bool ahead = member.next > ring_->end();
    if (!ahead && !ring_->reaches(*member.group, member.next)) return turn(Kind::log);
    const bool more = !ahead && !ring_->read(*member.group, member.next, out, kStreamPieceBytes);
    if (!more) member.level = now;
    if (!out.empty() || more) {
      member.sent = now;
      return turn(Kind::entries);
    }
  }
  if (now - member.sent >= kStreamHeartbeat) {
    member.sent = now;
    return turn(Kind::position);
  }
  member.waiting = true;
  return turn(Kind::nothing);
}

bool LiveTail::moved(TailMember& member, std::uint64_t next, bool sent) {
  const std::lock_guard lock(mutex_);
  const MonoTime now = parts_.clock.mono();
  const bool silent = !sent && now - member.sent >= kStreamHeartbeat;
  member.next = next;
  if (sent || silent) member.sent = now;
  return silent;
}

/// With the mutex held. Who waits had everything until now.
void LiveTail::wake(TailMember& member) {
  if (!std::exchange(member.waiting, false)) return;
  member.level = parts_.clock.mono();
  if (member.wake) member.wake();
}

/// With the mutex held: whether nothing that the tail has seen is still to be sent or looked for.
bool LiveTail::has_all(const TailMember& member) const {
  if (!ring_ || member.group == nullptr) return false;
  if (member.next >= ring_->end()) return true;
  return member.waiting && ring_->reaches(*member.group, member.next) &&
         !ring_->has_news(*member.group, member.next);
}

LiveTail::Lag LiveTail::lag(std::uint64_t log_size) {
  const std::lock_guard lock(mutex_);
  const MonoTime now = parts_.clock.mono();
  Lag out;
  for (const TailMember* const member : members_) {
    const bool level = has_all(*member);
    const std::uint64_t next = level ? std::max(ring_->end(), member->next) : member->next;
    if (next < log_size) out.entries = std::max(out.entries, log_size - next);
    if (!level && next < log_size) {
      out.time = std::max<std::chrono::duration<double>>(out.time, now - member->level);
    }
  }
  return out;
}

void LiveTail::end(TailMember& member, StreamEnd why) {
  const std::lock_guard lock(mutex_);
  if (member.end == StreamEnd::none) member.end = why;
  wake(member);
}

void LiveTail::set_wake(TailMember& member, std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  member.wake = std::move(wake);
}

void LiveTail::end_all(StreamEnd why) {
  const std::lock_guard lock(mutex_);
  for (TailMember* const member : members_) {
    if (member->end == StreamEnd::none) member->end = why;
    wake(*member);
  }
}

void LiveTail::run(const std::stop_token& stop) {
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, kNiceness));  // of this thread (sched(7))
  while (!stop.stop_requested()) {
    const std::uint64_t seen = changed_.rung();
    bool idle = false;
    {
      const std::lock_guard lock(mutex_);
      idle = members_.empty();
    }
    if (idle) {
      changed_.wait(seen, stop, std::chrono::hours(1));
      continue;
    }
    if (follow(stop)) continue;
    // The index and the operator are told elsewhere; who is connected must not think that nothing
    // happens.
    end_all(StreamEnd::log);
    follow::Bell pause;
    pause.wait(pause.rung(), stop, kRetry);
  }
}

/// Follows the log from its end until there is no stream any more.
Result<void> LiveTail::follow(const std::stop_token& stop) {
  std::optional<follow::Cursor> end;
  {
    TALLY_TRY(const auto reader, parts_.readers.take());
    TALLY_TRY(const log::Head head, reader->lines.head());
    end = follow::Cursor{head.size, head.root};
  }
  TALLY_TRY(auto follower,
            follow::Follower::open(parts_.fs, parts_.readers.directory(), end,
                                   {.lines_max = kStreamChunkLines, .bytes_max = kStreamChunkBytes},
                                   parts_.committed.get()));
  begin(end->next.value());
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      // Without a ring the last stream left and another one came: it begins anew.
      if (stop.stop_requested() || members_.empty() || !ring_) {
        ring_.reset();
        return {};
      }
    }
    auto batch = follower.next(stop, kTick);
    tick();
    if (!batch) {
      const std::lock_guard lock(mutex_);
      ring_.reset();
      for (TailMember* const member : members_) member->group = nullptr;
      return tl::unexpected(batch.error());
    }
    if ((*batch)->lines.empty()) continue;
    const std::size_t woken = add(**batch);
    follower.give_back(std::move(*batch));
    follow::Bell rest;
    const auto time = kRest + static_cast<std::int64_t>(woken) * kRestForEach;
    rest.wait(rest.rung(), stop, std::chrono::duration_cast<milliseconds>(time));
  }
}

/// The ring begins here; those who came before it go on with it.
void LiveTail::begin(std::uint64_t next) {
  const std::lock_guard lock(mutex_);
  ring_.emplace(next, parts_.ring_bytes);
  for (TailMember* const member : members_) {
    member->group = ring_->join(member->filter);
    wake(*member);
  }
}

/// How many were woken.
std::size_t LiveTail::add(const follow::Batch& batch) {
  std::vector<LiveGroupPtr> groups;
  {
    const std::lock_guard lock(mutex_);
    if (!ring_ || ring_->end() != batch.first.value()) return 0;
    groups = ring_->groups();
  }
  if (parts_.comparing) parts_.comparing();
  auto prepared = LiveRing::prepare(batch.first.value(), batch.lines, std::move(groups));
  const std::lock_guard lock(mutex_);
  if (!ring_) return 0;  // the last stream left
  ring_->add(std::move(prepared));
  std::size_t woken = 0;
  for (TailMember* const member : members_) {
    if (!member->waiting) continue;
    // Whom the entries do not concern sleeps on. One that came while they were compared, and whom
    // the ring does not reach, has to look into the log.
    if (member->group != nullptr && ring_->reaches(*member->group, member->next) &&
        !ring_->has_news(*member->group, member->next)) {
      continue;
    }
    wake(*member);
    ++woken;
  }
  return woken;
}

/// Streams whose token is no longer good, and those that were silent for long.
void LiveTail::tick() {
  const MonoTime now = parts_.clock.mono();
  std::map<std::string, access::Standing> standings;
  {
    const std::lock_guard lock(mutex_);
    if (now - ticked_ < kTick) return;
    ticked_ = now;
    for (const TailMember* const member : members_) standings.try_emplace(member->principal);
  }
  if (!parts_.trouble().empty()) {
    end_all(StreamEnd::log);
    return;
  }
  for (auto& [grant, standing] : standings) standing = parts_.grants.standing(grant);
  const std::lock_guard lock(mutex_);
  for (TailMember* const member : members_) {
    const auto at = standings.find(member->principal);
    const bool refused = at != standings.end() && at->second != access::Standing::good;
    if (refused && member->end == StreamEnd::none) {
      member->end = StreamEnd::token;
      member->standing = at->second;
    }
    if (refused || now - member->sent >= kStreamHeartbeat) wake(*member);
  }
}

}  // namespace tally::server
