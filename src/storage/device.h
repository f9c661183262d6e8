// SPDX-License-Identifier: Apache-2.0
// Whether two folders fill up together.
#pragma once

#include <optional>
#include <string>

namespace tally::storage {

/// Whether both paths are on one file system of this machine; of what does not exist yet, the
/// nearest folder above counts. nullopt when that cannot be told.
[[nodiscard]] std::optional<bool> on_one_file_system(const std::string& a, const std::string& b);

}  // namespace tally::storage
