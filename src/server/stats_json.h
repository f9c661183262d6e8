// SPDX-License-Identifier: Apache-2.0
// The answer of GET /api/audit/stats as JSON (schema Stats of the OpenAPI document).
#pragma once

#include "index/index.h"

#include <array>
#include <cstddef>
#include <string>

namespace tally::server {

/// What statistics are asked about, in the order of the answer's facets.
inline constexpr std::array<index::StatisticsKey, 16> kStatsKeys{{
    {index::Key::event},
    {index::Key::type},
    {index::Key::action},
    {index::Key::result},
    {index::Key::status},
    {index::Key::severity},
    {index::Key::level},
    {index::Key::actor, true, false},
    {index::Key::actor_type},
    {index::Key::ip},
    {index::Key::target_type},
    {index::Key::tool, true, true},
    {index::Key::resource, true, false},
    {index::Key::prompt, true, false},
    {index::Key::server, true, true},
    {index::Key::client},
}};

/// Statistics that were asked with kStatsKeys. `top`: values that each list shows.
[[nodiscard]] std::string stats_json(const index::StatisticsQuery& query,
                                     const index::Statistics& statistics, std::size_t top);

}  // namespace tally::server
