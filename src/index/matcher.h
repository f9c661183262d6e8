// SPDX-License-Identifier: Apache-2.0
// An expression applied to lines of the log, without decoding what it does not need.
#pragma once

#include "index/expression.h"

#include <memory>
#include <string_view>

namespace tally::index {

/// Compiled expression. Immutable after construction; matches() may be called by several threads.
class Matcher {
 public:
  explicit Matcher(Expression expression);
  ~Matcher();
  Matcher(Matcher&&) noexcept;
  Matcher& operator=(Matcher&&) noexcept;

  /// Whether a line of the log (without LF) satisfies the expression. A line that is no JSON object
  /// matches only an expression without terms.
  [[nodiscard]] bool matches(std::string_view line) const;

  /// Range of seq outside of which nothing can match: lets a scan skip whole segments. low > high:
  /// nothing can.
  [[nodiscard]] Range seq_range() const;

 private:
  struct Compiled;
  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace tally::index
