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

void SelfAudit::flush(bool all) {
  std::vector<event::Event> due = fold_.take_due(clock_.mono(), all);
  if (due.empty() || !enabled_) return;
  for (event::Event& event : due) events_.stamp(event);
  log_.enqueue(due);
}

}  // namespace tally::server
