// SPDX-License-Identifier: Apache-2.0
#include "rest/path_file.h"

#include "base/limits.h"
#include "rest/path_pattern.h"

#include <algorithm>
#include <optional>

namespace tally::rest {
namespace {

using yaml::Node;
using yaml::Problems;

constexpr std::size_t kMethodsMax = 32;
constexpr std::size_t kTypeBytesMax = 64;

std::optional<std::size_t> take_choice(yaml::MapReader& reader, std::string_view key,
                                       std::span<const std::string> names, Problems& problems) {
  const Node* node = reader.take(key);
  return node == nullptr ? std::nullopt
                         : yaml::read_choice(*node, reader.name(key), names, problems);
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= kTypeBytesMax && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

void read_methods(yaml::MapReader& reader, PathRule& rule, Problems& problems) {
  const Node* methods = reader.take("methods");
  if (methods == nullptr) return;
  rule.methods = yaml::read_texts(*methods, reader.name("methods"), kMethodsMax, problems);
  for (const std::string& method : rule.methods) {
    const bool upper = std::ranges::all_of(method, [](char c) { return c >= 'A' && c <= 'Z'; });
    if (upper) continue;
    problems.error(methods->mark, reader.name("methods") + ": \"" + method +
                                      "\" is no HTTP method; write for example POST");
  }
}

std::optional<PathRule> read_path(const Node& node, const std::string& name, std::string_view file,
                                  Problems& problems) {
  static const std::vector<std::string> kLevels{"none", "metadata", "request", "full"};
  static const std::vector<std::string> kOnFailure{"block", "allow"};
  PathRule rule;
  rule.place = std::string(file) + ':' + std::to_string(node.mark.line);
  yaml::MapReader reader(node, name, problems);
  const Node* path = reader.take("path");
  if (path != nullptr) {
    rule.path = yaml::read_text(*path, reader.name("path"), problems).value_or("");
  }
  const auto pattern = PathPattern::parse(rule.path);
  if (!pattern) {
    problems.error(path != nullptr ? path->mark : node.mark,
                   reader.name("path") + ": " + pattern.error().detail);
  }
  read_methods(reader, rule, problems);
  if (const auto which = take_choice(reader, "category", category_names(), problems)) {
    rule.category = static_cast<Category>(*which);
  }
  if (const auto which = take_choice(reader, "action", action_names(), problems)) {
    rule.action = static_cast<Action>(*which + 1);
  }
  if (const Node* target = reader.take("target")) {
    rule.target_type = yaml::read_text(*target, reader.name("target"), problems).value_or("");
    if (!is_word(rule.target_type)) {
      problems.error(target->mark, reader.name("target") +
                                       ": must be a word in lower case, such as tool or report");
    }
  }
  if (const auto which = take_choice(reader, "level", kLevels, problems)) {
    rule.level = static_cast<policy::Level>(*which);
  }
  if (take_choice(reader, "on_failure", kOnFailure, problems) == 1U) {
    rule.on_failure = policy::OnFailure::allow;
  }
  reader.finish();
  if (changes_object(rule.action) && rule.target_type.empty()) {
    problems.error(node.mark, name + ".action: \"" + std::string(action_name(rule.action)) +
                                  "\" needs to know of what; write target: tool or the like");
  }
  if (!pattern) return std::nullopt;
  if (rule.category == Category::mcp && rule.action != Action::by_method) {
    problems.error(node.mark, name + ".action: an MCP endpoint has none; remove it");
  }
  return rule;
}

}  // namespace

std::vector<PathRule> read_paths(const Node& list, std::string_view what, std::string_view file,
                                 Problems& problems) {
  std::vector<PathRule> out;
  const std::string name(what);
  const auto items = yaml::read_list(list, name, problems);
  if (items.size() > kPathRulesMax) {
    problems.error(list.mark, name + ": more than " + std::to_string(kPathRulesMax) + " rows");
    return out;
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string row = name + '[' + std::to_string(i) + ']';
    auto rule = read_path(items[i], row, file, problems);
    if (!rule) continue;
    const auto same = std::ranges::find_if(out, [&](const PathRule& before) {
      return before.path == rule->path && before.methods == rule->methods;
    });
    if (same != out.end()) {
      problems.error(items[i].mark, row + ": the same path and methods as the row at " +
                                        same->place + "; write them once");
    }
    out.push_back(std::move(*rule));
  }
  return out;
}

}  // namespace tally::rest
