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

}  // namespace

std::string_view level_name(Level level) {
  switch (level) {
    case Level::none: return "none";
    case Level::metadata: return "metadata";
    case Level::request: return "request";
    case Level::full: return "full";
  }
  TALLY_CHECK(false && "Level out of range");
  return {};
}

std::string_view on_failure_name(OnFailure on_failure) {
  return on_failure == OnFailure::block ? "block" : "allow";
}

std::string_view unmet_condition(const Rule& rule, const Interaction& i, bool read_only) {
  if (!fits(rule.direction, i.direction)) return "direction";
  if (!fits(rule.unparsed, i.unparsed)) return "unparsed";
  if (!fits(rule.ambiguous, i.ambiguous)) return "ambiguous";
  if (!fits(rule.read_only, read_only)) return "read_only";
  if (!any_matches(rule.methods, i.method)) return "methods";
  if (!any_matches(rule.tools, i.tool)) return "tools";
  if (!any_matches(rule.servers, i.server)) return "servers";
  if (!any_matches(rule.actors, i.actor)) return "actors";
  return {};
}

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
      untrusted_servers_(std::move(options.untrusted_servers)),
      trusted_servers_(std::move(options.trusted_servers)) {
  rules_.insert(rules_.end(), default_rules().begin(), default_rules().end());
}

ReadOnly Policy::read_only(const Interaction& i) const {
  if (i.ambiguous || i.unparsed || i.method != "tools/call") return ReadOnly::not_a_call;
  const auto named = [&i](const std::vector<std::string>& servers) {
    return !servers.empty() && any_matches(servers, i.server);
  };
  const bool believed = !named(untrusted_servers_) || named(trusted_servers_);
  if (i.hinted_read_only && believed) return ReadOnly::hinted;
  if (!read_only_tools_.empty() &&
      any_matches(read_only_tools_, std::string(i.server) + '/' + std::string(i.tool))) {
    return ReadOnly::listed;
  }
  return i.hinted_read_only ? ReadOnly::not_believed : ReadOnly::not_hinted;
}

const Rule& Policy::first_match(std::size_t from, const Interaction& interaction,
                                bool read_only) const {
  for (std::size_t i = from; i < rules_.size(); ++i) {
    if (unmet_condition(rules_[i], interaction, read_only).empty()) return rules_[i];
  }
  TALLY_CHECK(false && "the last default rule matches everything");
  return rules_.back();
}

Decision Policy::decide(const Interaction& interaction) const {
  const bool read_only = known_read_only(interaction);
  const Rule& rule = first_match(0, interaction, read_only);
  Decision out{rule.level, rule.initiated, rule.completed, rule.on_failure, rule.name};
  if (rule.default_level || rule.default_stages || rule.default_on_failure) {
    const Rule& open = first_match(rules_.size() - default_rules().size(), interaction, read_only);
    if (rule.default_level) out.level = open.level;
    if (rule.default_stages) {
      out.initiated = open.initiated;
      out.completed = open.completed;
    }
    if (rule.default_on_failure) out.on_failure = open.on_failure;
  }
  // Without a record beforehand there is nothing that could fail beforehand.
  if (!out.initiated || out.level == Level::none) out.on_failure = OnFailure::allow;
  return out;
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
