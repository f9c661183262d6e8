// SPDX-License-Identifier: Apache-2.0
// Runs the line check over a whole log with several threads.
#pragma once

#include "base/result.h"
#include "log/block_source.h"
#include "log/line_check.h"

#include <atomic>
#include <cstdint>
#include <functional>

namespace tally::log {

/// Told now and then, from any one thread at a time.
using VerifyProgress = std::function<void(std::uint64_t bytes_done, std::uint64_t bytes_total)>;

/// Reads every block of `source` and joins the results in order into `check`, which is finished
/// then. Memory: two blocks a thread. Errors: io; closed when `stop` became true.
[[nodiscard]] Result<void> run_line_pass(storage::FileSystem& fs, const Layout& layout,
                                         crypto::HashAlgorithm algorithm, BlockSource& source,
                                         LineCheck& check, unsigned threads,
                                         const VerifyProgress& progress,
                                         const std::atomic<bool>* stop = nullptr);

}  // namespace tally::log
