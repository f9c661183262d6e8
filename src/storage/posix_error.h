// SPDX-License-Identifier: Apache-2.0
// Turns errno into an Error that says what, where, why and, where there is something to do, what to
// do.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace tally::storage {

/// The kind that callers branch on. ENOSPC and EDQUOT are disk_full; what has no kind of its own is
/// io.
Errc errc_of(int error_number);

/// "cannot <action> <path>: <system's reason>[; <advice>]". `action` is a verb: "open", "write".
[[nodiscard]] Error posix_error(int error_number, std::string_view action, std::string_view path);

/// The same with a kind chosen by the caller: a failed sync is sync_failed whatever the reason.
[[nodiscard]] Error posix_error(Errc code, int error_number, std::string_view action,
                                std::string_view path);

}  // namespace tally::storage
