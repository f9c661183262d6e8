// SPDX-License-Identifier: Apache-2.0
// Which entries statistics count as what (contract: stats), by the words of their kind.
#pragma once

#include <string_view>

namespace tally::index {

/// Texts of an entry's words; empty where it has none.
struct OutcomeWords {
  std::string_view event, type, action, result;
};

/// It did not happen as it was asked: failure, denied, error.
[[nodiscard]] bool failed_outcome(std::string_view result);
/// A login, by whatever event, that failed.
[[nodiscard]] bool failed_login(const OutcomeWords& words);
/// Something was made, changed or removed by an administrator (type admin), or the settings, tokens
/// or keys of the audit service itself were; attempts that failed are none.
[[nodiscard]] bool configuration_change(const OutcomeWords& words);

}  // namespace tally::index
