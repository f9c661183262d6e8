// SPDX-License-Identifier: Apache-2.0
// Figures of the process for Prometheus.
#pragma once

#include "capture/audit_log.h"
#include "crypto/note_key.h"
#include "proxy/journal.h"
#include "server/ingest.h"
#include "server/integrity.h"
#include "server/key_watch.h"
#include "server/live_tail.h"
#include "server/log_readers.h"
#include "server/service.h"
#include "server/work_pool.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tally::server {

/// Writes the text format (version 0.0.4). Not thread-safe.
class MetricsText {
 public:
  /// `kind`: counter or gauge. Its samples follow.
  void family(std::string_view name, std::string_view kind, std::string_view help);
  /// `labels` as in `{outcome="accepted"}`, or empty.
  void sample(std::string_view name, std::string_view labels, std::uint64_t value);
  void seconds(std::string_view name, double value);
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

/// What is looked at. All must outlive the call.
struct Measured {
  const ServiceCounters& service;
  const IngestCounters& ingest;
  const capture::AuditLog& log;
  WorkPool& workers;
  LogReaders& readers;
  const Clock& clock;
  std::string_view version;
  WallTime started;
  bool writable;
  const IntegrityCounters& integrity;
  bool tokens_readable;
  const crypto::NoteVerifier& key;        ///< with which the log is signed
  const proxy::JournalCounters* proxies;  ///< null: there are none
  std::string_view spool;                 ///< its directory; empty: none
  KeySetFigures key_sets{};               ///< of issuers of tokens
  LiveTail* streams = nullptr;            ///< null: there are none
};

/// The whole page. Reads the log's head and checkpoint: for a worker.
[[nodiscard]] std::string metrics_page(const Measured& measured);

}  // namespace tally::server
