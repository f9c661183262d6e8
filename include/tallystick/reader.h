// SPDX-License-Identifier: Apache-2.0
// Reading committed entries while others write. A reader trusts what stands on disk: verifier.h and
// proof.h do not.
#pragma once

#include "tallystick/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tallystick {

/// Not thread-safe: open one for each thread. Needs no keys, changes nothing, and keeps no writer
/// waiting. Each call sees what was durable when it began, so an open reader follows a growing log.
///
/// Movable; a reader that was moved from may only be assigned to or destroyed.
class Reader {
 public:
  /// Errors: not_found when there is no log; unsupported for a newer format; malformed,
  /// permission_denied, io.
  static Result<Reader> open(std::string directory);
  Reader(Reader&& other) noexcept;
  Reader& operator=(Reader&& other) noexcept;
  ~Reader();

  /// Entries in the log. Errors: corrupt, io.
  [[nodiscard]] Result<std::uint64_t> size();

  /// The line of one entry, without line end; parse_event() reads it. Errors: not_found when there
  /// is none yet; corrupt, io.
  [[nodiscard]] Result<std::string> entry(std::uint64_t seq);

  /// Gets one entry: its number and its line, which lives until the visitor returns. False ends the
  /// walk. It must not use the same reader; what it throws comes out of the call.
  using Visitor = std::function<bool(std::uint64_t seq, std::string_view line)>;

  /// Entries from `first` to the last, oldest first. Errors: corrupt, io; entries before the
  /// failure were visited.
  [[nodiscard]] Result<void> for_each(const Visitor& visitor, std::uint64_t first = 0);
  /// Entries below `end` (all when absent), newest first. Errors also: invalid_argument when the
  /// log has fewer.
  [[nodiscard]] Result<void> for_each_backward(const Visitor& visitor,
                                               std::optional<std::uint64_t> end = std::nullopt);

  /// The latest checkpoint as a signed note, byte for byte, its signature not checked. Errors:
  /// not_found, io.
  [[nodiscard]] Result<std::string> checkpoint();

  /// The log's name, as log.json says it.
  [[nodiscard]] const std::string& origin() const;
  /// Name of the log's hash algorithm.
  [[nodiscard]] std::string hash() const;

 private:
  struct Impl;
  explicit Reader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tallystick
