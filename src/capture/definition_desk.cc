// SPDX-License-Identifier: Apache-2.0
#include "capture/definition_desk.h"

#include "base/limits.h"
#include "base/own_log.h"
#include "capture/definition_history.h"
#include "log/reader.h"

#include <sys/resource.h>
#include <utility>

namespace tally::capture {
namespace {

/// Behind what records and what answers.
constexpr int kNiceness = 10;

}  // namespace

DefinitionDesk::DefinitionDesk(storage::FileSystem& fs, std::string log_directory,
                               const Clock& clock, Random& random)
    : fs_(fs), directory_(std::move(log_directory)), clock_(clock), key_(random_sip_key(random)) {
  thread_ = std::thread([this] { run(); });
}

bool DefinitionDesk::Made::add(std::uint64_t digest) {
  if (!all_.insert(digest).second) return false;
  oldest_first_.push_back(digest);
  if (oldest_first_.size() > kLookupsRememberedMax) {
    all_.erase(oldest_first_.front());
    oldest_first_.pop_front();
  }
  return true;
}

void DefinitionDesk::Made::forget(std::uint64_t digest) {
  if (all_.erase(digest) > 0) std::erase(oldest_first_, digest);
}

bool DefinitionDesk::room_for(bool verified) const {
  return !stopping_ && waiting_.size() < (verified ? kLookupsWaitingMax : kUnverifiedLookupsMax);
}

bool DefinitionDesk::has_room(bool verified) {
  const std::lock_guard lock(mutex_);
  return room_for(verified);
}

bool DefinitionDesk::look(record::DefinitionLookup lookup, Found found, GivenUp given_up) {
  const std::uint64_t digest = siphash(key_, lookup.server + '\n' + lookup.principal);
  const std::lock_guard lock(mutex_);
  if (!room_for(lookup.verified)) return false;
  if (!(lookup.verified ? made_ : made_unverified_).add(digest)) return false;
  waiting_.push_back({std::move(lookup), std::move(found), std::move(given_up), digest});
  changed_.notify_one();
  return true;
}

void DefinitionDesk::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_.clear();
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

bool DefinitionDesk::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void DefinitionDesk::run() {
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, kNiceness));  // of this thread (sched(7))
  for (;;) {
    std::vector<Job> jobs;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      jobs = std::exchange(waiting_, {});
    }
    const MonoTime begun = clock_.mono();
    look_for(jobs);
    const auto pause = (clock_.mono() - begun) * kLookupPauseFactor;
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, pause, [this] { return stopping_; })) return;
  }
}

void DefinitionDesk::look_for(const std::vector<Job>& jobs) {
  std::vector<record::DefinitionLookup> lookups;
  lookups.reserve(jobs.size());
  for (const Job& job : jobs) lookups.push_back(job.lookup);
  const MonoTime deadline = clock_.mono() + kDefinitionsLookbackTime;
  bool in_time = true;
  const auto enough = [&] {
    in_time = clock_.mono() <= deadline;
    return !in_time || stopping();
  };
  auto reader = log::Reader::open(fs_, directory_);
  auto found = reader ? find_earlier_definitions(*reader, lookups, enough)
                      : Result<FoundDefinitions>(tl::unexpected(reader.error()));
  if (!found) {
    say(LogLevel::warning, "log",
        "the tool definitions of earlier runs were not compared: " + found.error().detail);
    return;
  }
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (stopping()) return;
    if ((*found)[i]) {
      jobs[i].found(std::move(*(*found)[i]));
    } else if (!in_time) {
      give_up(jobs[i]);
    }
  }
}

void DefinitionDesk::give_up(const Job& job) {
  {
    const std::lock_guard lock(mutex_);
    (job.lookup.verified ? made_ : made_unverified_).forget(job.digest);
  }
  job.given_up();
}

}  // namespace tally::capture
