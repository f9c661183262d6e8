// SPDX-License-Identifier: Apache-2.0
// The border between our own results and those of the public headers.
#pragma once

#include "base/result.h"
#include "tallystick/result.h"

#include <type_traits>
#include <utility>

namespace tally::lib {

[[nodiscard]] tallystick::Error public_error(Error error);

/// The same value or error as a public result.
template <class T>
[[nodiscard]] tallystick::Result<T> public_result(Result<T> result) {
  if (!result) return public_error(std::move(result).error());
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(*result);
  }
}

}  // namespace tally::lib
