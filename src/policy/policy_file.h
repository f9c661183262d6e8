// SPDX-License-Identifier: Apache-2.0
// The policy as people write it: YAML to rules, strictly, with the place of every mistake.
#pragma once

#include "base/result.h"
#include "policy/policy.h"
#include "yaml/read.h"

#include <string>
#include <string_view>
#include <vector>

namespace tally::policy {

/// What was read, and everything that is wrong with it. `options` holds what could be read; it is
/// to be used only when there is no error among the problems.
struct PolicyFile {
  PolicyOptions options;
  std::vector<yaml::Problem> problems;  ///< in the order of the file; warnings among them
};

/// Reads a policy from a node: a file of its own, or `policy:` of the settings. `what` names the
/// node in messages ("" for a whole file), `file` goes into Rule::place. The format is described in
/// docs/configuration.md, "Policy".
///
/// A rule that says nothing of `ambiguous` or `unparsed` does not match such messages: what another
/// reader may take for something else must not be let through by a rule about a method. What a rule
/// leaves open of level, stages and on_failure is as the default rules have it; `on_failure: block`
/// alone asks for the initiated stage too.
void read_policy(const yaml::Node& node, std::string_view what, std::string_view file,
                 PolicyOptions& options, yaml::Problems& problems);

/// A whole file. Errors: what yaml::parse() refuses. Mistakes in a file that is YAML are problems.
[[nodiscard]] Result<PolicyFile> check_policy(std::string_view text, std::string_view file);

/// A whole file without mistakes. Errors: those of check_policy(), and invalid_argument with one
/// line for each mistake.
[[nodiscard]] Result<Policy> parse_policy(std::string_view text, std::string_view file);

}  // namespace tally::policy
