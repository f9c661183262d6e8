// SPDX-License-Identifier: Apache-2.0
// Entries of a running `serve`, page after page (GET /api/audit/logs).
#pragma once

#include "base/result.h"
#include "remote/client.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace tally::remote {

/// Gives every entry that `parameters` describe, in the order they ask for, as the text of a JSON
/// object, until `visit` gives false or `limit` were given. Entries that come in the meantime do
/// not shift pages. Errors: as Client::get(); malformed when an answer is not what the API gives.
[[nodiscard]] Result<void> each_entry(Client& client, Parameters parameters, std::uint64_t limit,
                                      const std::function<bool(std::string_view object)>& visit);

/// How many entries the log has now, whoever may see them. Errors: as each_entry().
[[nodiscard]] Result<std::uint64_t> log_size(Client& client);

/// How many there are, when the server knows exactly. Errors: as each_entry().
[[nodiscard]] Result<std::optional<std::uint64_t>> count_entries(Client& client,
                                                                 Parameters parameters);

}  // namespace tally::remote
