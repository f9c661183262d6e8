// SPDX-License-Identifier: Apache-2.0
#include "server/integrity_watch.h"

#include "base/limits.h"
#include "base/own_log.h"

#include <algorithm>

namespace tally::server {

IntegrityWatch::IntegrityWatch(IntegrityChecks& checks, const Clock& clock,
                               std::chrono::milliseconds interval)
    : checks_(checks),
      clock_(clock),
      interval_(interval),
      due_(clock.mono() + std::min<std::chrono::milliseconds>(interval, kIntegrityFirst)) {}

std::optional<MonoTime> IntegrityWatch::due() const {
  if (interval_.count() == 0 || running_) return std::nullopt;
  const MonoTime ended = ended_;
  return ended == MonoTime() ? due_ : ended + interval_;
}

void IntegrityWatch::tick() {
  const auto next = due();
  if (!next || clock_.mono() < *next) return;
  running_ = true;
  const bool begun = checks_.begin_own([this] {
    ended_ = clock_.mono();
    running_ = false;
  });
  if (!begun) running_ = false;  // too many are under way: again with the next tick
}

void tell_of_check(capture::AuditLog& log, SelfAudit& audit, std::string_view directory,
                   const Result<log::VerifyReport>& report, bool requested) {
  const bool fine = report && report->ok();
  if (fine && requested) return;
  event::Event event = audit.events().checked(report, directory, requested);
  if (!fine) {
    say(LogLevel::error, "integrity",
        "the log is not what was signed: " + event.error_message.value_or("") +
            "; run tallystick verify");
  }
  if (requested) {
    const std::string key = "integrity " + event.error_message.value_or("");
    audit.note(key, std::move(event));
  } else {
    log.enqueue({event});
  }
}

}  // namespace tally::server
