// SPDX-License-Identifier: Apache-2.0
// The index that keeps nothing: every query applies its filter to every line. For small logs, and
// the measure of what other engines must answer.
#pragma once

#include "base/result.h"
#include "index/index.h"
#include "storage/file_system.h"

#include <memory>
#include <string>

namespace tally::index {

/// Answers about the entries below its cursor. Memory of a query grows with its matches; time
/// limits are not looked at. Errors: those of log::Reader::open().
[[nodiscard]] Result<std::unique_ptr<Index>> open_scan_index(storage::FileSystem& fs,
                                                             const std::string& log_directory);

}  // namespace tally::index
