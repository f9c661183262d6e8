// SPDX-License-Identifier: Apache-2.0
#include "server/self_audit.h"

#include "base/limits.h"

#include <utility>

namespace tally::server {

bool SelfAudit::record(const std::string& key, const event::Event& event) {
  if (!enabled_ || !fold_.admit(key, event, clock_.mono())) return true;
  return log_.append_durable({event}, kLockWait);
}

void SelfAudit::note(const std::string& key, event::Event event) {
  if (!enabled_ || !fold_.admit(key, event, clock_.mono())) return;
  workers_.resume([this, event = std::move(event)] { log_.enqueue({event}); });
}

void SelfAudit::flush(bool all) {
  std::vector<event::Event> due = fold_.take_due(clock_.mono(), all);
  if (due.empty() || !enabled_) return;
  for (event::Event& event : due) events_.stamp(event);
  log_.enqueue(due);
}

}  // namespace tally::server
