// SPDX-License-Identifier: Apache-2.0
// The strict door for events that others wrote: validates, completes, normalises and redacts one
// JSON object.
#pragma once

#include "base/clock.h"
#include "base/limits.h"
#include "base/random.h"
#include "base/result.h"
#include "event/payload_filter.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tally::event {

/// An event as sent that is still taken: what other systems put into one event is some 100 KiB at
/// most, and each of a request is held until it was shortened.
inline constexpr std::size_t kShortenedBytesMax = 512 * kKiB;

struct IngestOptions {
  std::string instance;                   ///< stamped on every event; empty = none
  std::string source = "append";          ///< stamped on every event; empty = none
  const PayloadFilter* filter = nullptr;  ///< not owned; null = nothing is redacted
  /// Identities are only what the sender says: `actor_verified` true becomes "claimed" (contract 6,
  /// writer role).
  bool identity_is_claimed = false;
  /// Event types audit and system are refused (contract 6, writer role), and so are the
  /// catalogue's names of such events whatever their type is said to be.
  bool refuse_own_types = false;
  /// Largest result, so that the line with its number stays within kEntryBytesMax.
  std::size_t bytes_max = kEntryBytesMax - 32;
};

/// Reusable: keep one per thread. Not thread-safe; `clock` and `uuids` must outlive it.
///
/// Rules (contract 6, POST /api/audit/events):
/// - needs `event_name`, or `event_type` and `event_action` (then the name is "type-action");
/// - a name of the catalogue fills type, action and severity_level; otherwise type api, action
/// unknown, level
///   medium. No result is success; status and severity follow the result (severity_of, status_of)
///   when they are not given; no timestamp is now; no event_id is a new UUIDv7;
/// - `timestamp` is RFC 3339 with any offset and becomes UTC with six digits; `recorded_at` is
/// stamped when a
///   timestamp was given;
/// - `seq`, `recorded_at`, `source`, `instance`, `checksum`, `previous_checksum` are ours: what the
/// sender wrote
///   there is replaced or left out; `enc` and `salt` are refused;
/// - known fields are type-checked, enums and UUIDs checked, null counts as absent, unknown fields
/// are kept;
/// - a filter masks what is sensitive and replaces a raw session_id; without one everything is kept
/// as sent;
/// - refused: repeated keys at any depth, lone surrogates, NUL in identifying fields, more than
/// kJsonDepthMax
///   levels, not UTF-8, more than kShortenedBytesMax;
/// - what is more than bytes_max when completed is shortened as shrink_to_fit() says, and names
/// what
///   was cut in `truncated`.
class Ingest {
 public:
  Ingest(const Clock& clock, UuidSource& uuids, IngestOptions options);
  ~Ingest();
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;

  /// The text for log::EntryText::from_object: one line, `timestamp` first, fields in the order of
  /// encode(). Errors: malformed, too_large, invalid_argument; the text names the field, where, and
  /// what is allowed, and never repeats a value.
  /// `spare`: a string that is no longer needed, whose memory the result may take over.
  /// `event_id`: a UUID for an event that brings none; empty: a new UUIDv7.
  [[nodiscard]] Result<std::string> accept(std::string_view json, std::string spare = {},
                                           std::string_view event_id = {});
  /// Whether the event_id of what accept() gave last is a new one: nobody else can know it yet.
  [[nodiscard]] bool made_id() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tally::event
