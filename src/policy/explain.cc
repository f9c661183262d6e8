// SPDX-License-Identifier: Apache-2.0
#include "policy/explain.h"

#include "base/check.h"
#include "base/json_writer.h"

namespace tally::policy {
namespace {

std::string_view read_only_name(ReadOnly why) {
  switch (why) {
    case ReadOnly::not_a_call: return "not_a_call";
    case ReadOnly::not_hinted: return "not_hinted";
    case ReadOnly::not_believed: return "not_believed";
    case ReadOnly::hinted: return "hinted";
    case ReadOnly::listed: return "listed";
  }
  TALLY_CHECK(false && "ReadOnly out of range");
  return {};
}

bool leaves_open(const Rule& rule) {
  return rule.default_level || rule.default_stages || rule.default_on_failure;
}

std::string stages_of(const Decision& decision) {
  if (decision.level == Level::none) return "none";
  std::string out = decision.initiated ? "initiated" : "";
  if (decision.completed) out += out.empty() ? "completed" : ", completed";
  return out;
}

}  // namespace

std::string_view read_only_text(ReadOnly why) {
  switch (why) {
    case ReadOnly::not_a_call: return "no: only a well-formed tools/call can be";
    case ReadOnly::not_hinted:
      return "no: its definition does not say readOnlyHint, and read_only_tools does not list it";
    case ReadOnly::not_believed:
      return "no: its definition says readOnlyHint, but trust_annotations is false for this server";
    case ReadOnly::hinted: return "yes: its definition says readOnlyHint";
    case ReadOnly::listed: return "yes: read_only_tools lists it";
  }
  TALLY_CHECK(false && "ReadOnly out of range");
  return {};
}

Explanation explain(const Policy& policy, const Interaction& interaction) {
  Explanation out;
  out.decision = policy.decide(interaction);
  out.read_only = policy.read_only(interaction);
  const bool read_only = known_read_only(out.read_only);
  bool open = false;
  for (const Rule& rule : policy.rules()) {
    const std::string_view unmet = unmet_condition(rule, interaction, read_only);
    out.tried.push_back({rule.name, rule.place, unmet});
    if (!unmet.empty()) continue;
    open = leaves_open(rule);
    break;
  }
  if (!open) return out;
  for (const Rule& rule : default_rules()) {
    if (!unmet_condition(rule, interaction, read_only).empty()) continue;
    out.filled_in_by = rule.name;
    break;
  }
  return out;
}

std::string explanation_text(const Explanation& e) {
  const Tried& deciding = e.tried.back();
  std::string out = "rule:        " + std::string(deciding.name);
  out += deciding.place.empty() ? " (built in)\n" : " (" + std::string(deciding.place) + ")\n";
  out += "level:       " + std::string(level_name(e.decision.level)) + '\n';
  out += "stages:      " + stages_of(e.decision) + '\n';
  out += "on_failure:  " + std::string(on_failure_name(e.decision.on_failure)) + '\n';
  out += "write-ahead: ";
  out += e.decision.write_ahead() ? "yes: forwarded only once its record is on disk\n" : "no\n";
  out += "read-only:   " + std::string(read_only_text(e.read_only)) + '\n';
  if (!e.filled_in_by.empty()) {
    out += "what the rule leaves open is from \"" + std::string(e.filled_in_by) + "\" (built in)\n";
  }
  if (e.tried.size() > 1) out += "not these, which come before it:\n";
  for (std::size_t i = 0; i + 1 < e.tried.size(); ++i) {
    out += "  " + std::string(e.tried[i].name) + ": does not fit " + std::string(e.tried[i].unmet) +
           '\n';
  }
  return out;
}

std::string explanation_json(const Explanation& e) {
  const Tried& deciding = e.tried.back();
  const bool none = e.decision.level == Level::none;
  std::string out;
  json::ObjectWriter json(out);
  json.string("rule", deciding.name);
  if (deciding.place.empty()) {
    json.null("place");
  } else {
    json.string("place", deciding.place);
  }
  json.string("level", level_name(e.decision.level));
  json.boolean("initiated", e.decision.initiated && !none);
  json.boolean("completed", e.decision.completed && !none);
  json.string("on_failure", on_failure_name(e.decision.on_failure));
  json.boolean("write_ahead", e.decision.write_ahead());
  json.string("read_only", read_only_name(e.read_only));
  json.key("tried");
  out += '[';
  for (const Tried& tried : e.tried) {
    if (&tried != &e.tried.front()) out += ',';
    json::ObjectWriter one(out);
    one.string("rule", tried.name);
    one.string("unmet", tried.unmet);
    one.end();
  }
  out += ']';
  if (!e.filled_in_by.empty()) json.string("filled_in_by", e.filled_in_by);
  json.end();
  return out;
}

}  // namespace tally::policy
