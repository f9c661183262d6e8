// SPDX-License-Identifier: Apache-2.0
// Responses of our own. They say nothing about auditing.
#pragma once

#include <string>
#include <string_view>

namespace tally::proxy {

struct Answer {
  int status = 500;
  std::string_view content_type;  ///< empty: no body
  std::string_view body;
  bool close = false;  ///< the connection ends after it
  bool head = false;   ///< to a HEAD request: the body is only counted
};

/// The bytes of it.
[[nodiscard]] std::string to_bytes(const Answer& answer);

}  // namespace tally::proxy
