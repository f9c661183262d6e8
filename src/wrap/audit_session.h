// SPDX-License-Identifier: Apache-2.0
// The auditor of `tallystick wrap`: what the relay shows becomes records in the log, and what must
// be recorded first waits until it is.
#pragma once

#include "base/clock.h"
#include "base/limits.h"
#include "base/random.h"
#include "capture/audit_log.h"
#include "log/create.h"
#include "log/keyring.h"
#include "policy/policy.h"
#include "wrap/auditor.h"
#include "wrap/signals.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tally::wrap {

struct AuditedWrapOptions {
  std::string log_directory;
  log::CreateOptions create;
  bool hash_given = false;
  log::WriterOptions writer;  ///< batch size, flush interval, segment size
  std::chrono::milliseconds write_timeout = kWriteTimeout;  ///< how long a call is held
  policy::Policy policy;
  std::string spool_directory;  ///< --spool; empty: what cannot be written is only counted
  std::uint64_t spool_bytes = 0;
  std::string name;  ///< --name: of the server, empty to derive it
  std::vector<std::string> command;
  bool enabled = true;  ///< AUDIT_LOG_ENABLED
  log::Environment environment = log::process_environment();
};

/// Opens the log (made if missing), runs the server, records everything, closes the log. Returns
/// the exit status of the process: the server's as run_wrap(), or 2 with a message on standard
/// error when the log or the spool cannot be opened; the server is then not started. `signals` as
/// for run_wrap().
int run_audited_wrap(const AuditedWrapOptions& options, SignalGate& signals);

}  // namespace tally::wrap
