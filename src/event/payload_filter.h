// SPDX-License-Identifier: Apache-2.0
// The seam through which redaction reaches events that come from outside: event/ must not know
// redact/.
#pragma once

#include "event/event.h"

#include <string>
#include <string_view>
#include <vector>

namespace tally::event {

/// Removes what must not be recorded. Implementations are immutable and may be used by several
/// threads.
class PayloadFilter {
 public:
  virtual ~PayloadFilter() = default;
  /// Whether a member with this key (unescaped) may need apply(). Must be fast; asked once per key.
  [[nodiscard]] virtual bool wants_key(std::string_view key) const = 0;
  /// Whether a string with this body (between the quotes, still escaped) may need apply(). Must be
  /// fast.
  [[nodiscard]] virtual bool wants_string(std::string_view body) const = 0;
  /// `json` (one valid value) with everything sensitive replaced; what was replaced is added to
  /// `redactions` with paths that start with `path`.
  [[nodiscard]] virtual std::string apply(std::string_view json, std::string_view path,
                                          std::vector<Redaction>& redactions) const = 0;
  /// What is written instead of a raw session id: a keyed digest, or the mask where there is no
  /// key. Values that are digests already come back unchanged.
  [[nodiscard]] virtual std::string pseudonym(std::string_view value) const = 0;
};

}  // namespace tally::event
