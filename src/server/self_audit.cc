// SPDX-License-Identifier: Apache-2.0
#include "server/self_audit.h"

#include "base/limits.h"

#include <utility>

namespace tally::server {

bool SelfAudit::record(const std::string& key, const event::Event& event) {
  if (!enabled_ || fold_.counted(key, event, clock_.mono())) return true;
  // Counted from when it is on disk: else what follows a failure would be taken for recorded.
  if (!log_.append_durable({event}, kLockWait)) return false;
  fold_.begin(key, event, clock_.mono());
  return true;
}

void SelfAudit::note(const std::string& key, event::Event event) {
  if (!enabled_ || !fold_.admit(key, event, clock_.mono())) return;
  workers_.resume(WorkPool::Lane::write,
                  [this, event = std::move(event)] { log_.enqueue({event}); });
}

bool SelfAudit::record(const event::Event& event) {
  return !enabled_ || log_.append_durable({event}, kLockWait);
}

void SelfAudit::note(event::Event event) {
  if (!enabled_) return;
  {
    const std::lock_guard lock(mutex_);
    notes_.push_back(std::move(event));
  }
  workers_.resume(WorkPool::Lane::write, [this] { write_notes(); });
}

void SelfAudit::write_notes() {
  std::vector<event::Event> notes;
  {
    const std::lock_guard lock(mutex_);
    notes.swap(notes_);
  }
  if (!notes.empty()) log_.enqueue(notes);
}

void SelfAudit::flush(bool all) {
  write_notes();
  std::vector<event::Event> due = fold_.take_due(clock_.mono(), all);
  if (due.empty() || !enabled_) return;
  for (event::Event& event : due) events_.stamp(event);
  log_.enqueue(due);
}

}  // namespace tally::server
