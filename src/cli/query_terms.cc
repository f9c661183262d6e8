// SPDX-License-Identifier: Apache-2.0
#include "cli/query_terms.h"

namespace tally::cli {

bool is_negated_term(std::string_view word) {
  if (!word.starts_with('-') || word.starts_with("--")) return false;
  std::size_t at = 1;
  while (at < word.size() && ((word[at] >= 'a' && word[at] <= 'z') || word[at] == '_' ||
                              (word[at] >= 'A' && word[at] <= 'Z'))) {
    ++at;
  }
  return at > 1 && at < word.size() && (word[at] == ':' || word[at] == '<' || word[at] == '>');
}

std::string joined_terms(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

}  // namespace tally::cli
