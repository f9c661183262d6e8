// SPDX-License-Identifier: Apache-2.0
// Patterns of paths: words, {id} and *.
#pragma once

#include "base/result.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::rest {

/// What a pattern found in a path.
struct PathCapture {
  std::string_view id;      ///< of {id} or {id*}; empty: the pattern has none
  std::string_view secret;  ///< of {secret}; empty: the pattern has none
};

/// A pattern as written:
///  - letters and everything else stand for themselves, without regard to case (ASCII);
///  - `{id}` is one segment, the id of the object; `{id*}` one or more segments;
///  - `{secret}` is one segment that is recorded as keyed digest;
///  - `*` is any run of characters, "/" too, also none.
/// Immutable once made.
class PathPattern {
 public:
  /// Errors: invalid_argument, with what to write.
  [[nodiscard]] static Result<PathPattern> parse(std::string_view text);

  /// `path`: normalised (path_readings.h); the captures are views into it. Takes time in proportion
  /// to the product of both lengths at worst, whatever the path.
  [[nodiscard]] std::optional<PathCapture> match(std::string_view path) const;

  [[nodiscard]] bool has_id() const { return has_id_; }
  /// The first segment, lower case; empty when it is not a plain word.
  [[nodiscard]] const std::string& first_segment() const { return first_; }

  /// More specific is larger: a pattern without `*` beats one with it; then more characters that
  /// stand for themselves, then more segments.
  struct Rank {
    bool exact_length = false;  ///< no * and no {id*}
    std::size_t literal = 0;
    std::size_t segments = 0;
    friend auto operator<=>(const Rank&, const Rank&) = default;
  };
  [[nodiscard]] Rank rank() const { return rank_; }

 private:
  enum class Kind : std::uint8_t { literal, id, id_run, secret, any };
  struct Part {
    Kind kind;
    std::string text;  // of a literal, lower case
  };
  [[nodiscard]] static bool match_one(const Part& part, std::string_view path, std::size_t& at,
                                      PathCapture& out);

  std::vector<Part> parts_;
  std::string first_;
  Rank rank_;
  bool has_id_ = false;
};

}  // namespace tally::rest
