// SPDX-License-Identifier: Apache-2.0
// Rules that are allowed but hardly meant: those that can never decide anything.
#pragma once

#include "policy/policy.h"
#include "yaml/read.h"

#include <span>
#include <string>
#include <vector>

namespace tally::policy {

/// Whether every text that matches `narrow` matches `wide` too. Both are patterns.
[[nodiscard]] bool covers(std::string_view wide, std::string_view narrow);

/// Whether every interaction that meets `narrow` meets `wide`. False where that cannot be told from
/// one pair of patterns at a time.
[[nodiscard]] bool covers(const Rule& wide, const Rule& narrow);

/// Warns of rules that no interaction reaches or can meet, and of methods that MCP does not have.
/// `marks` are the places of the rules.
void check_rules(std::span<const Rule> rules, std::span<const yaml::Mark> marks,
                 yaml::Problems& problems);

}  // namespace tally::policy
