// SPDX-License-Identifier: Apache-2.0
#include "policy/policy.h"

#include "base/check.h"

#include <algorithm>

namespace tally::policy {
namespace {

constexpr auto kC2s = mcp::Direction::c2s;

bool any_matches(const std::vector<std::string>& patterns, std::string_view text) {
  return patterns.empty() || std::ranges::any_of(patterns, [text](const std::string& pattern) {
           return matches(pattern, text);
         });
}

template <class T>
bool fits(const std::optional<T>& wanted, T actual) {
  return !wanted || *wanted == actual;
}

bool rule_matches(const Rule& rule, const Interaction& i, bool read_only) {
  return fits(rule.direction, i.direction) && fits(rule.unparsed, i.unparsed) &&
         fits(rule.ambiguous, i.ambiguous) && fits(rule.read_only, read_only) &&
         any_matches(rule.methods, i.method) && any_matches(rule.tools, i.tool) &&
         any_matches(rule.servers, i.server) && any_matches(rule.actors, i.actor);
}

}  // namespace

const std::vector<Rule>& default_rules() {
  // Only what the client sends is held: a server's message is relayed first, because it changes
  // nothing at the server. A message that is ambiguous may be a tools/call to whoever reads it
  // differently.
  static const std::vector<Rule> rules{
      {.name = "unparsed",
       .direction = kC2s,
       .unparsed = true,
       .initiated = true,
       .on_failure = OnFailure::block},
      {.name = "ambiguous",
       .direction = kC2s,
       .ambiguous = true,
       .initiated = true,
       .on_failure = OnFailure::block},
      {.name = "read-only-call", .direction = kC2s, .methods = {"tools/call"}, .read_only = true},
      {.name = "call",
       .direction = kC2s,
       .methods = {"tools/call"},
       .initiated = true,
       .on_failure = OnFailure::block},
      {.name = "task-change",
       .direction = kC2s,
       .methods = {"tasks/update", "tasks/cancel"},
       .initiated = true,
       .on_failure = OnFailure::block},
      {.name = "open-stream",
       .direction = kC2s,
       .methods = {"subscriptions/listen"},
       .initiated = true},
      {.name = "default"},
  };
  return rules;
}

Policy::Policy(PolicyOptions options)
    : rules_(std::move(options.rules)),
      read_only_tools_(std::move(options.read_only_tools)),
      untrusted_servers_(std::move(options.untrusted_servers)) {
  rules_.insert(rules_.end(), default_rules().begin(), default_rules().end());
}

bool Policy::known_read_only(const Interaction& i) const {
  if (i.ambiguous || i.unparsed || i.method != "tools/call") return false;
  const bool trusted = untrusted_servers_.empty() || !any_matches(untrusted_servers_, i.server);
  if (i.hinted_read_only && trusted) return true;
  if (read_only_tools_.empty()) return false;
  return any_matches(read_only_tools_, std::string(i.server) + '/' + std::string(i.tool));
}

Decision Policy::decide(const Interaction& interaction) const {
  const bool read_only = known_read_only(interaction);
  for (const Rule& rule : rules_) {
    if (!rule_matches(rule, interaction, read_only)) continue;
    return {rule.level, rule.initiated, rule.completed, rule.on_failure, rule.name};
  }
  TALLY_CHECK(false && "the last default rule matches everything");
  return {};
}

bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace tally::policy
