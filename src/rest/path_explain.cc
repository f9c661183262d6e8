// SPDX-License-Identifier: Apache-2.0
#include "rest/path_explain.h"

#include "base/json_writer.h"
#include "http/target.h"
#include "rest/path_readings.h"

#include <algorithm>
#include <vector>

namespace tally::rest {
namespace {

bool is_held(const PathRule& rule, std::string_view method) {
  return rule.level != policy::Level::none && may_change(method) &&
         rule.on_failure == policy::OnFailure::block;
}

std::string row_text(const PathRule& rule) {
  std::string out = rule.path;
  if (!rule.methods.empty()) {
    out += " [";
    for (const std::string& method : rule.methods) {
      if (out.back() != '[') out += ", ";
      out += method;
    }
    out += ']';
  }
  return out + (rule.place.empty() ? " (built in)" : " (" + rule.place + ")");
}

/// Rows that match some reading and do not count.
std::vector<const PathRule*> others(const PathTable& table, std::string_view method,
                                    const std::vector<std::string>& readings,
                                    const PathRule* counts) {
  std::vector<const PathRule*> out;
  for (const std::string& reading : readings) {
    for (const PathCandidate& candidate : table.candidates(method, reading)) {
      if (candidate.rule == counts) continue;
      if (std::ranges::find(out, candidate.rule) == out.end()) out.push_back(candidate.rule);
    }
  }
  return out;
}

std::string target_text(const PathMatch& found) {
  if (found.rule->target_type.empty()) return "the path";
  if (found.id.empty()) return found.rule->target_type;
  return found.rule->target_type + " \"" + found.id + '"';
}

}  // namespace

bool is_mcp_path(std::span<const std::string> patterns, std::string_view path) {
  const std::string folded = http::folded_path(path);
  return std::ranges::any_of(patterns, [&folded](const std::string& pattern) {
    const std::string start = http::folded_path(pattern);
    return policy::matches(start, folded) || policy::matches(start + "/*", folded);
  });
}

std::string path_explanation_text(const PathTable& table, const PathQuestion& question) {
  const auto [method, path, mcp_paths] = question;
  PathMatch found = table.find(method, path);
  found.mcp = found.mcp || is_mcp_path(mcp_paths, path);
  const std::vector<std::string> readings = path_readings(path);
  std::string out;
  if (found.mcp) out += "an MCP endpoint: messages in it are recorded by the policy\n";
  if (found.rule == nullptr) {
    if (!found.mcp) out += "no row: recorded at level metadata as http-request, never held\n";
  } else {
    const PathRule& rule = *found.rule;
    const bool kept = rule.level == policy::Level::request || rule.level == policy::Level::full;
    out += "row:         " + row_text(rule) + '\n';
    out += "category:    " + std::string(category_name(rule.category)) + '\n';
    out += "action:      " + std::string(action_name(found.action)) + '\n';
    out += "target:      " + target_text(found) + '\n';
    out += "level:       " + std::string(policy::level_name(rule.level)) +
           (kept ? " (the body is recorded, redacted)\n" : "\n");
    out += "on_failure:  " + std::string(policy::on_failure_name(rule.on_failure)) + '\n';
    out += "write-ahead: ";
    out += is_held(rule, method) ? "yes: forwarded only once its record is on disk\n" : "no\n";
  }
  if (readings.size() > 1) {
    out += found.ambiguous ? "servers may take other rows, because they may read the path as\n"
                           : "servers may read the path as\n";
    for (const std::string& reading : readings) out += "  " + reading + '\n';
  }
  const auto rest = others(table, method, readings, found.rule);
  if (!rest.empty()) out += "not these, which fit too:\n";
  for (const PathRule* rule : rest) out += "  " + row_text(*rule) + '\n';
  return out;
}

std::string path_explanation_json(const PathTable& table, const PathQuestion& question) {
  const auto [method, path, mcp_paths] = question;
  PathMatch found = table.find(method, path);
  found.mcp = found.mcp || is_mcp_path(mcp_paths, path);
  const std::vector<std::string> readings = path_readings(path);
  std::string out;
  json::ObjectWriter json(out);
  json.boolean("mcp", found.mcp);
  if (found.rule == nullptr) {
    json.null("row");
    json.string("level", found.mcp ? "by policy" : "metadata");
    json.boolean("write_ahead", false);
  } else {
    const PathRule& rule = *found.rule;
    json.string("row", rule.path);
    if (rule.place.empty()) {
      json.null("place");
    } else {
      json.string("place", rule.place);
    }
    json.string("category", category_name(rule.category));
    json.string("action", action_name(found.action));
    json.string("target_type", rule.target_type.empty() ? "endpoint" : rule.target_type);
    json.string("id", found.id);
    json.string("level", policy::level_name(rule.level));
    json.string("on_failure", policy::on_failure_name(rule.on_failure));
    json.boolean("write_ahead", is_held(rule, method));
  }
  json.boolean("ambiguous", found.ambiguous);
  json.key("readings");
  out += '[';
  for (const std::string& reading : readings) {
    if (&reading != &readings.front()) out += ',';
    json::append_string(out, reading);
  }
  out += ']';
  json.end();
  return out;
}

}  // namespace tally::rest
