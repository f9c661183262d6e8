// SPDX-License-Identifier: Apache-2.0
#include "policy/policy_file.h"

#include "base/limits.h"
#include "policy/rule_check.h"

#include <algorithm>
#include <utility>

namespace tally::policy {
namespace {

using yaml::Mark;
using yaml::Node;
using yaml::Problems;

const std::vector<std::string> kLevels{"none", "metadata", "request", "full"};
const std::vector<std::string> kStages{"initiated", "completed"};
const std::vector<std::string> kOnFailure{"block", "allow"};
const std::vector<std::string> kDirections{"c2s", "s2c"};

std::vector<std::string> read_patterns(const Node& node, const std::string& what,
                                       Problems& problems) {
  auto patterns = yaml::read_texts(node, what, kPolicyPatternsMax, problems);
  for (const std::string& pattern : patterns) {
    if (pattern.size() <= kPolicyPatternBytesMax) continue;
    problems.error(node.mark, what + ": a pattern is longer than " +
                                  std::to_string(kPolicyPatternBytesMax) + " bytes");
  }
  if (patterns.empty() && node.kind == yaml::Kind::sequence) {
    problems.error(node.mark, what + ": the list is empty; leave " + what + " out to match all");
  }
  return patterns;
}

/// `methods`, or `method` for those who name one.
std::vector<std::string> take_patterns(yaml::MapReader& match, const std::string& plural,
                                       Problems& problems) {
  const std::string singular = plural.substr(0, plural.size() - 1);
  const Node* many = match.take(plural);
  const Node* one = match.take(singular);
  if (many != nullptr && one != nullptr) {
    problems.error(one->mark,
                   match.name(singular) + ": given beside " + plural + "; write them in one list");
  }
  const Node* node = many != nullptr ? many : one;
  if (node == nullptr) return {};
  return read_patterns(*node, match.name(many != nullptr ? plural : singular), problems);
}

std::optional<bool> take_bool(yaml::MapReader& match, std::string_view key, Problems& problems) {
  const Node* node = match.take(key);
  return node == nullptr ? std::nullopt : yaml::read_bool(*node, match.name(key), problems);
}

void read_match(const Node* node, const std::string& what, Rule& rule, Problems& problems) {
  const Node nothing;
  yaml::MapReader match(node == nullptr ? nothing : *node, what, problems);
  rule.methods = take_patterns(match, "methods", problems);
  rule.tools = take_patterns(match, "tools", problems);
  rule.servers = take_patterns(match, "servers", problems);
  rule.actors = take_patterns(match, "actors", problems);
  if (const Node* direction = match.take("direction")) {
    const auto which =
        yaml::read_choice(*direction, match.name("direction"), kDirections, problems);
    if (which) rule.direction = *which == 0 ? mcp::Direction::c2s : mcp::Direction::s2c;
  }
  rule.read_only = take_bool(match, "read_only", problems);
  rule.ambiguous = take_bool(match, "ambiguous", problems);
  rule.unparsed = take_bool(match, "unparsed", problems);
  // Whoever writes a rule about a method means messages that everybody reads as that method.
  if (!rule.ambiguous && rule.unparsed != true) rule.ambiguous = false;
  if (!rule.unparsed && rule.ambiguous != true) rule.unparsed = false;
  match.finish();
}

void read_stages(const Node& node, const std::string& what, Rule& rule, Problems& problems) {
  const auto stages = yaml::read_texts(node, what, kStages.size(), problems);
  rule.initiated = rule.completed = false;
  rule.default_stages = false;
  for (const std::string& stage : stages) {
    Node one = node;
    one.kind = yaml::Kind::scalar;
    one.text = stage;
    const auto which = yaml::read_choice(one, what, kStages, problems);
    if (!which) continue;
    bool& flag = *which == 0 ? rule.initiated : rule.completed;
    if (std::exchange(flag, true)) problems.error(node.mark, what + ": " + stage + " stands twice");
  }
  if (stages.empty()) {
    problems.error(node.mark, what + ": names no stage; to record nothing write level: none");
  }
}

/// What contradicts itself in one rule.
void check_effect(const Rule& rule, const std::string& what, const Node* stages,
                  const Node* on_failure, Problems& problems) {
  const bool none = !rule.default_level && rule.level == Level::none;
  for (const Node* extra : {stages, on_failure}) {
    if (none && extra != nullptr) {
      problems.error(extra->mark, what + ": level none records nothing; remove " +
                                      (extra == stages ? "stages" : "on_failure"));
    }
  }
  const bool blocks = !rule.default_on_failure && rule.on_failure == OnFailure::block;
  if (none || !blocks) return;
  if (!rule.initiated) {
    problems.error(on_failure->mark,
                   what +
                       ".on_failure: block needs the stage initiated: only what is recorded "
                       "before it happens can be blocked; write stages: [initiated, completed]");
  }
  if (rule.direction == mcp::Direction::s2c) {
    problems.error(on_failure->mark, what +
                                         ".on_failure: what a server sends (direction s2c) is "
                                         "never held; write allow");
  }
}

Rule read_rule(const Node& node, const std::string& what, std::string_view file,
               Problems& problems) {
  Rule rule;
  rule.default_level = rule.default_stages = rule.default_on_failure = true;
  rule.place = std::string(file) + ':' + std::to_string(node.mark.line);
  yaml::MapReader reader(node, what, problems);
  if (const Node* name = reader.take("name")) {
    rule.name = yaml::read_text(*name, reader.name("name"), problems).value_or("");
    if (rule.name.empty() || rule.name.size() > kPolicyPatternBytesMax) {
      problems.error(name->mark, reader.name("name") + ": must have 1 to " +
                                     std::to_string(kPolicyPatternBytesMax) + " bytes");
    }
  }
  if (rule.name.empty()) rule.name = what;
  read_match(reader.take("match"), reader.name("match"), rule, problems);
  if (const Node* level = reader.take("level")) {
    rule.default_level = false;
    const auto which = yaml::read_choice(*level, reader.name("level"), kLevels, problems);
    if (which) rule.level = static_cast<Level>(*which);
  }
  const Node* stages = reader.take("stages");
  if (stages != nullptr) read_stages(*stages, reader.name("stages"), rule, problems);
  const Node* on_failure = reader.take("on_failure");
  if (on_failure != nullptr) {
    rule.default_on_failure = false;
    const auto which =
        yaml::read_choice(*on_failure, reader.name("on_failure"), kOnFailure, problems);
    if (which) rule.on_failure = *which == 0 ? OnFailure::block : OnFailure::allow;
    if (which == 0U && rule.default_stages) {
      rule.default_stages = false;
      rule.initiated = rule.completed = true;
    }
  }
  reader.finish();
  check_effect(rule, what, stages, on_failure, problems);
  if (rule.default_level && rule.default_stages && rule.default_on_failure &&
      node.kind == yaml::Kind::map) {
    problems.error(node.mark, what + ": decides nothing; write level, stages or on_failure");
  }
  return rule;
}

void read_servers(const Node& node, const std::string& what, PolicyOptions& options,
                  Problems& problems) {
  yaml::MapReader servers(node, what, problems);
  for (const yaml::Member& member : servers.take_all()) {
    const std::string name = servers.name(member.key);
    if (member.key.size() > kPolicyPatternBytesMax) {
      problems.error(member.key_mark, what + ": a name is longer than " +
                                          std::to_string(kPolicyPatternBytesMax) + " bytes");
    }
    yaml::MapReader server(member.value, name, problems);
    const auto trust = take_bool(server, "trust_annotations", problems);
    if (!trust && member.value.members.empty()) {
      problems.error(member.key_mark, name + ": says nothing; write trust_annotations: false");
    }
    if (trust) {
      (*trust ? options.trusted_servers : options.untrusted_servers).push_back(member.key);
    }
    server.finish();
  }
}

}  // namespace

void read_policy(const Node& node, std::string_view what, std::string_view file,
                 PolicyOptions& options, Problems& problems) {
  yaml::MapReader reader(node, std::string(what), problems);
  if (const Node* tools = reader.take("read_only_tools")) {
    const std::string name = reader.name("read_only_tools");
    options.read_only_tools = read_patterns(*tools, name, problems);
    for (const std::string& tool : options.read_only_tools) {
      if (tool.find('/') != std::string::npos || tool == "*") continue;
      problems.error(tools->mark, name + ": \"" + tool +
                                      "\" names no server; write SERVER/TOOL, or */" + tool +
                                      " for every server");
    }
  }
  if (const Node* servers = reader.take("servers")) {
    read_servers(*servers, reader.name("servers"), options, problems);
  }
  std::vector<Mark> marks;
  if (const Node* rules = reader.take("rules")) {
    const auto items = yaml::read_list(*rules, reader.name("rules"), problems);
    if (items.size() > kPolicyRulesMax) {
      problems.error(rules->mark, reader.name("rules") + ": more than " +
                                      std::to_string(kPolicyRulesMax) + " rules");
    }
    for (std::size_t i = 0; i < std::min(items.size(), kPolicyRulesMax); ++i) {
      const std::string name = reader.name("rules") + '[' + std::to_string(i) + ']';
      options.rules.push_back(read_rule(items[i], name, file, problems));
      marks.push_back(items[i].mark);
      const auto same = std::ranges::find(options.rules.begin(), options.rules.end() - 1,
                                          options.rules.back().name, &Rule::name);
      if (same != options.rules.end() - 1) {
        problems.error(items[i].mark, name + ": another rule is named \"" + same->name +
                                          "\"; records name the rule by it, so give it its own");
      }
    }
  }
  reader.finish();
  // Warnings about rules that could not be read would be about rules nobody wrote.
  if (!problems.any_error()) check_rules(options.rules, marks, problems);
}

Result<PolicyFile> check_policy(std::string_view text, std::string_view file) {
  TALLY_TRY(const Node root, yaml::parse(text, file));
  PolicyFile out;
  Problems problems;
  read_policy(root, "", file, out.options, problems);
  out.problems = problems.take();
  return out;
}

Result<Policy> parse_policy(std::string_view text, std::string_view file) {
  TALLY_TRY(PolicyFile read, check_policy(text, file));
  if (auto error = yaml::as_error(file, read.problems)) return tl::unexpected(std::move(*error));
  return Policy(std::move(read.options));
}

}  // namespace tally::policy
