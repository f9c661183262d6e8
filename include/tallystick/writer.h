// SPDX-License-Identifier: Apache-2.0
// Appending to a log. Acknowledged means synced to disk.
#pragma once

#include "tallystick/event.h"
#include "tallystick/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tallystick {

struct WriterOptions {
  /// Make the log and its keys when the directory does not exist or is empty.
  bool create = true;
  /// Folder of the log's private keys; empty: $TALLYSTICK_KEYS, else
  /// $XDG_CONFIG_HOME/tallystick/ID, else ~/.config/tallystick/ID. It must lie outside the log: who
  /// has it can rewrite the log.
  std::string keys{};
  /// Hash algorithm of a new log: sha256, sha384, sha512, sha3-256, blake2b512. Empty: sha256, or
  /// that of the log.
  std::string hash{};
  /// Name of a new log, in every checkpoint; empty: HOST/ID.
  std::string origin{};
  /// Recorded with every event as the way it came in.
  std::string source = "library";
  /// How long a call waits while other processes write, before it fails with Errc::timeout.
  std::chrono::milliseconds wait{5'000};
  /// How often the growing log is signed in the background; 0: only by checkpoint() and close().
  std::chrono::milliseconds checkpoint_interval{1'000};
  /// Write on a network file system, whose locks cannot be trusted: only if no other process ever
  /// writes.
  bool single_writer = false;
  /// Called on a thread of the writer when signing in the background failed. Must not call the
  /// writer.
  std::function<void(const Error&)> on_problem{};
};

/// One event as it was committed.
struct Receipt {
  std::uint64_t seq = 0;  ///< its number in the log, from 0
  std::string leaf_hash;  ///< lower-case hex of H(0x00 || line) (RFC 6962): what proofs are about
  friend bool operator==(const Receipt&, const Receipt&) = default;
};

/// What the log signed about itself. Keep `note` somewhere else: only that finds an older copy of
/// the whole log put back (VerifyOptions::against).
struct Checkpoint {
  std::uint64_t size = 0;  ///< entries
  std::string root;        ///< base64 of the tree's root
  std::string note;        ///< C2SP signed note, byte for byte
};

/// An open log. Several threads may use one writer, and several processes may each have one on the
/// same log; a writer has two threads of its own and does not survive fork(). Events are redacted
/// on the way in: values under sensitive keys (password, token, ...) and credentials in text are
/// masked, session ids become keyed digests.
///
/// Movable; a writer that was moved from may only be assigned to or destroyed.
class Writer {
 public:
  /// Opens the log in `directory`, making it first if there is none. What a writer that ended early
  /// left behind is cut off and recorded as the event audit-log-recovered. Errors: not_found (with
  /// create = false, or the log's keys); already_exists when the directory holds something else;
  /// timeout naming who holds the lock; mismatch when the log has another hash algorithm or key;
  /// unsupported for a newer format, an unknown algorithm or a network file system; corrupt when
  /// the log contradicts itself (run tallystick verify); permission_denied, disk_full, io.
  static Result<Writer> open(std::string directory, WriterOptions options = {});
  Writer(Writer&& other) noexcept;
  Writer& operator=(Writer&& other) noexcept;
  /// As close(), its result lost.
  ~Writer();

  /// Appends one event and returns when it is on disk. Errors: malformed, too_large,
  /// invalid_argument for an event that cannot be recorded as it is (names the field); timeout,
  /// overloaded, disk_full: it is not in the log, and may be tried again; io: whether it is in the
  /// log shows a Reader; sync_failed, poisoned: the same, and this writer is finished, so open a
  /// new one; closed.
  [[nodiscard]] Result<Receipt> append(const Event& event);
  /// The same for one JSON object, such as a line of NDJSON. Strict: a repeated key at any depth is
  /// refused.
  [[nodiscard]] Result<Receipt> append_json(std::string_view json);

  /// Appends many with one sync for up to 4,096. All are validated before the first is
  /// written; the error then names the event, from 0. When writing fails later, the first
  /// `*durable` of them are in the log.
  [[nodiscard]] Result<std::vector<Receipt>> append_all(std::span<const Event> events,
                                                        std::size_t* durable = nullptr);
  [[nodiscard]] Result<std::vector<Receipt>> append_all_json(std::span<const std::string> events,
                                                             std::size_t* durable = nullptr);

  /// Signs the log as it is now. Errors: timeout while another process signs; corrupt, mismatch
  /// when what is on disk is not what was appended; as append().
  [[nodiscard]] Result<Checkpoint> checkpoint();

  /// Signs and ends the writer's threads. Takes at most about twice
  /// WriterOptions::wait. A second call does nothing.
  [[nodiscard]] Result<void> close();

  /// The log's name.
  [[nodiscard]] const std::string& origin() const;
  /// The log's verifier key (vkey), which check_inclusion() and others need. Public; give it to
  /// them yourself.
  [[nodiscard]] const std::string& key() const;

 private:
  struct Impl;
  explicit Writer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tallystick
