// SPDX-License-Identifier: Apache-2.0
// Which entries of a log are of a time.
#pragma once

#include "base/result.h"
#include "index/expression.h"
#include "log/verify_report.h"
#include "storage/file_system.h"

#include <string>

namespace tally::cli {

/// The entries from the first to the last one of `window`; those between them may be of other
/// times. Empty, at the end, when there is none. From the index where there is one, else from the
/// lines. Errors: those of reading the log.
[[nodiscard]] Result<log::EntrySpan> span_of_window(storage::FileSystem& fs,
                                                    const std::string& directory,
                                                    const index::Range& window);

}  // namespace tally::cli
