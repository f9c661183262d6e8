// SPDX-License-Identifier: Apache-2.0
// From words of a command line to the text of an expression.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tally::cli {

/// Whether a word that begins with '-' is a negated term ("-severity:debug", "-seq>=10") and not a
/// flag: a letter, letters or '_', then ':' or a comparison.
[[nodiscard]] bool is_negated_term(std::string_view word);

/// One expression of several words: the shell took them apart where the user put spaces.
[[nodiscard]] std::string joined_terms(const std::vector<std::string>& words);

}  // namespace tally::cli
