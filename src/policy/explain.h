// SPDX-License-Identifier: Apache-2.0
// Which rule decides about an interaction, and why the ones before it did not.
#pragma once

#include "policy/policy.h"

#include <string>
#include <string_view>
#include <vector>

namespace tally::policy {

/// One rule that was tried.
struct Tried {
  std::string_view name;   ///< lives as long as the policy
  std::string_view place;  ///< "FILE:LINE"; empty: built in
  std::string_view unmet;  ///< the first condition that was not met; empty: this one decides
};

struct Explanation {
  Decision decision;
  ReadOnly read_only = ReadOnly::not_a_call;
  std::vector<Tried> tried;  ///< in order, the deciding one last
  /// The default rule that filled in what the deciding one leaves open; empty: nothing was open.
  std::string_view filled_in_by;
};

[[nodiscard]] Explanation explain(const Policy& policy, const Interaction& interaction);

/// For people: some lines, each with its LF.
[[nodiscard]] std::string explanation_text(const Explanation& explanation);
/// One JSON object without LF.
[[nodiscard]] std::string explanation_json(const Explanation& explanation);

/// "the server's hint (readOnlyHint), and its annotations are trusted" and so on.
[[nodiscard]] std::string_view read_only_text(ReadOnly why);

}  // namespace tally::policy
