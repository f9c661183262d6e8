// SPDX-License-Identifier: Apache-2.0
// Whether what somebody was let in with is good still: asked again and again while an answer is
// being sent.
#pragma once

#include <string_view>

namespace tally::access {

/// Thread-safe.
class Grants {
 public:
  virtual ~Grants() = default;
  /// `grant`: Principal::holds().
  [[nodiscard]] virtual bool still_good(std::string_view grant) = 0;

 protected:
  Grants() = default;
  Grants(const Grants&) = default;
  Grants& operator=(const Grants&) = default;
};

}  // namespace tally::access
