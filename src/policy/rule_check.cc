// SPDX-License-Identifier: Apache-2.0
#include "policy/rule_check.h"

#include "base/nearest.h"
#include "mcp/methods.h"

#include <algorithm>

namespace tally::policy {
namespace {

constexpr std::string_view kCall = "tools/call";

template <class T>
bool covers_value(const std::optional<T>& wide, const std::optional<T>& narrow) {
  return !wide || wide == narrow;
}

bool covers_texts(const std::vector<std::string>& wide, const std::vector<std::string>& narrow) {
  if (wide.empty()) return true;
  return !narrow.empty() && std::ranges::all_of(narrow, [&](const std::string& n) {
    return std::ranges::any_of(wide, [&](const std::string& w) { return covers(w, n); });
  });
}

/// Why no interaction can meet the rule; empty when some can.
std::string contradiction(const Rule& rule) {
  const bool can_call =
      rule.methods.empty() ||
      std::ranges::any_of(rule.methods, [](const std::string& m) { return matches(m, kCall); });
  const bool names_tools =
      !rule.tools.empty() &&
      std::ranges::none_of(rule.tools, [](const std::string& t) { return matches(t, ""); });
  if (names_tools && !can_call) return "only tools/call has a tool, and methods leaves it out";
  if (rule.read_only == true && !can_call) {
    return "only a tools/call can be known read-only, and methods leaves it out";
  }
  if (rule.unparsed == true && (names_tools || rule.read_only == true)) {
    return "what cannot be parsed has no tool";
  }
  if (rule.ambiguous == true && rule.read_only == true) {
    return "what is ambiguous is never known read-only";
  }
  const bool names_methods =
      !rule.methods.empty() &&
      std::ranges::none_of(rule.methods, [](const std::string& m) { return matches(m, ""); });
  if (rule.unparsed == true && names_methods) return "what cannot be parsed has no method";
  return {};
}

void check_methods(const Rule& rule, yaml::Mark mark, const std::vector<std::string>& names,
                   yaml::Problems& problems) {
  for (const std::string& method : rule.methods) {
    if (std::ranges::any_of(names, [&](const std::string& n) { return matches(method, n); })) {
      continue;
    }
    const std::string meant = nearest(method, names);
    problems.warning(mark, "rule \"" + rule.name + "\": no method of MCP is \"" + method + '"' +
                               (meant.empty() ? "" : "; did you mean " + meant + '?'));
  }
}

}  // namespace

bool covers(std::string_view wide, std::string_view narrow) {
  // A * of `narrow` is met by no literal of `wide`, so where `wide` matches it as a character, a *
  // of its own stands for it, and for whatever it may stand for.
  return matches(wide, narrow);
}

bool covers(const Rule& wide, const Rule& narrow) {
  return covers_value(wide.direction, narrow.direction) &&
         covers_value(wide.read_only, narrow.read_only) &&
         covers_value(wide.ambiguous, narrow.ambiguous) &&
         covers_value(wide.unparsed, narrow.unparsed) &&
         covers_texts(wide.methods, narrow.methods) && covers_texts(wide.tools, narrow.tools) &&
         covers_texts(wide.servers, narrow.servers) && covers_texts(wide.actors, narrow.actors);
}

void check_rules(std::span<const Rule> rules, std::span<const yaml::Mark> marks,
                 yaml::Problems& problems) {
  std::vector<std::string> names;
  for (const mcp::Method& method : mcp::methods()) {
    if (names.empty() || names.back() != method.name) names.emplace_back(method.name);
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::string rule = "rule \"" + rules[i].name + '"';
    check_methods(rules[i], marks[i], names, problems);
    if (const std::string why = contradiction(rules[i]); !why.empty()) {
      problems.warning(marks[i], rule + " can never match: " + why);
      continue;
    }
    for (std::size_t earlier = 0; earlier < i; ++earlier) {
      if (!covers(rules[earlier], rules[i])) continue;
      problems.warning(marks[i], rule + " is never reached: whatever it matches, \"" +
                                     rules[earlier].name + "\" in line " +
                                     std::to_string(marks[earlier].line) +
                                     " decides first; move it up or remove it");
      break;
    }
  }
}

}  // namespace tally::policy
