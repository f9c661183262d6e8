// SPDX-License-Identifier: Apache-2.0
// One page: partitions merged by (timestamp, seq), or by seq, as far as the page needs them.
#pragma once

#include "index/index.h"
#include "index/sqlite/search.h"

namespace tally::index::sqlite {

/// The query was checked, and so was its cursor. `digest` stands in the cursors of the page.
[[nodiscard]] Result<Page> find_page(Search& search, const Query& query,
                                     const FilterDigest& digest);

}  // namespace tally::index::sqlite
