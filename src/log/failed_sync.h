// SPDX-License-Identifier: Apache-2.0
// Making a log durable again whose last sync failed (docs/decisions/0005): the same bytes are
// written once more.
#pragma once

#include "base/ordinal.h"
#include "base/result.h"
#include "log/head.h"
#include "log/layout.h"
#include "storage/file_system.h"

namespace tally::log {

/// Rewrites in place, and syncs, the committed lines from number `from` on (they were synced before
/// a checkpoint over `from` was signed, so older ones are safe). Commit lock held; segments end at
/// the head.
[[nodiscard]] Result<void> rewrite_lines(storage::FileSystem& fs, const Layout& layout,
                                         const Head& head, TreeSize from);

/// Rewrites both slots of the head and syncs: the other slot gets the same head, because the one
/// before it may not be on the device either.
[[nodiscard]] Result<void> rewrite_head(storage::FileSystem& fs, const Layout& layout,
                                        const HeadKey& key, const Head& head, std::size_t slot);

}  // namespace tally::log
