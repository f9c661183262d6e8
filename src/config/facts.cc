// SPDX-License-Identifier: Apache-2.0
#include "config/facts.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "crypto/hash.h"

#include <map>

namespace tally::config {
namespace {

constexpr std::size_t kMarkBytes = 16;
constexpr std::string_view kRules = "policy.rules";

std::string hex_of(std::string_view text) { return to_hex(crypto::sha256(as_bytes(text)).bytes()); }

void append_list(std::string& out, const std::vector<std::string>& texts) {
  out += '[';
  for (const std::string& text : texts) {
    json::append_string(out, text);
    out += ',';
  }
  out += ']';
}

void append_choice(std::string& out, const std::optional<bool>& choice) {
  out += !choice ? '-' : *choice ? '1' : '0';
}

SettingsFacts facts_of(const std::map<std::string, std::string, std::less<>>& marks) {
  SettingsFacts out;
  json::ObjectWriter writer(out.marks);
  for (const auto& [name, mark] : marks) writer.raw(name, mark);
  writer.end();
  out.digest = hex_of(out.marks);
  return out;
}

std::map<std::string, std::string, std::less<>> read_marks(std::string_view marks) {
  std::map<std::string, std::string, std::less<>> out;
  json::Document document;
  const auto object = document.parse(marks);
  if (!object || !object->is(json::Kind::object)) return out;
  for (const json::Value each : object->children()) out.emplace(each.key(), each.raw());
  return out;
}

}  // namespace

SettingsFacts settings_facts(const Loaded& loaded) {
  std::vector<Effective> values = loaded.values;
  values.push_back({std::string(kRules), loaded.policy_digest, ""});
  std::map<std::string, std::string, std::less<>> marks;
  for (const Effective& value : values) {
    std::string mark;
    json::append_string(mark, hex_of(value.value).substr(0, kMarkBytes));
    marks.insert_or_assign(value.key, std::move(mark));
  }
  return facts_of(marks);
}

SettingsFacts with_settings(const SettingsFacts& in_force, const SettingsFacts& next,
                            const std::vector<std::string>& taken) {
  auto marks = read_marks(in_force.marks);
  auto others = read_marks(next.marks);
  for (const std::string& name : taken) {
    const auto at = others.find(name);
    if (at == others.end()) {
      marks.erase(name);
    } else {
      marks.insert_or_assign(name, at->second);
    }
  }
  return facts_of(marks);
}

std::vector<std::string> differing_settings(std::string_view before, std::string_view now) {
  const auto old = read_marks(before);
  auto rest = read_marks(now);
  std::map<std::string, std::string, std::less<>> out;
  for (const auto& [name, mark] : old) {
    const auto at = rest.find(name);
    if (at == rest.end() || at->second != mark) out.emplace(name, "");
    if (at != rest.end()) rest.erase(at);
  }
  out.merge(rest);
  std::vector<std::string> names;
  for (const auto& [name, mark] : out) names.push_back(name);
  return names;
}

std::string policy_digest(const policy::PolicyOptions& options) {
  std::string text;
  for (const policy::Rule& rule : options.rules) {
    json::append_string(text, rule.name);
    text += !rule.direction ? "-" : *rule.direction == mcp::Direction::c2s ? "c" : "s";
    for (const auto* list : {&rule.methods, &rule.tools, &rule.servers, &rule.actors}) {
      append_list(text, *list);
    }
    append_choice(text, rule.read_only);
    append_choice(text, rule.ambiguous);
    append_choice(text, rule.unparsed);
    text.append(policy::level_name(rule.level)).append(policy::on_failure_name(rule.on_failure));
    for (const bool each : {rule.initiated, rule.completed, rule.default_level, rule.default_stages,
                            rule.default_on_failure}) {
      text += each ? '1' : '0';
    }
    text += '\n';
  }
  for (const auto* list :
       {&options.read_only_tools, &options.untrusted_servers, &options.trusted_servers}) {
    append_list(text, *list);
  }
  return hex_of(text);
}

}  // namespace tally::config
