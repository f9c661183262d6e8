// SPDX-License-Identifier: Apache-2.0
// TALLY_CHECK: for what only our own bug can do. On in release; never for input.
#pragma once

namespace tally {
[[noreturn, gnu::cold]] void check_failed(const char* condition, const char* file, int line);
}  // namespace tally

#define TALLY_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::tally::check_failed(#condition, __FILE__, __LINE__))
