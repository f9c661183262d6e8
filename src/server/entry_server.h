// SPDX-License-Identifier: Apache-2.0
// Which server an entry is about, for the scope of tokens.
#pragma once

#include "event/view.h"

#include <string>

namespace tally::server {

/// What stands before "/target_name" in target_id; of a target of type server its id, else its
/// name; else details.server.name; else, for tools, resources and prompts, what stands before the
/// first '/' of target_id. Empty when nothing says one.
[[nodiscard]] std::string server_of_entry(const event::EventView& view);

}  // namespace tally::server
