// SPDX-License-Identifier: Apache-2.0
#include "rest/path_table.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "http/chars.h"
#include "http/target.h"
#include "rest/path_readings.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace tally::rest {
namespace {

constexpr std::array<std::string_view, 3> kOverrideHeaders{"X-HTTP-Method-Override",
                                                           "X-HTTP-Method", "X-Method-Override"};
constexpr std::size_t kMethodBytesMax = 32;

std::string upper(std::string_view method) {
  std::string out(method.substr(0, kMethodBytesMax));
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string first_segment(std::string_view reading) {
  if (!reading.empty()) reading.remove_prefix(1);
  std::string out(reading.substr(0, reading.find('/')));
  for (char& c : out) c = http::to_lower(c);
  return out;
}

bool takes(const PathRule& rule, std::string_view method) {
  return rule.methods.empty() || std::ranges::find(rule.methods, method) != rule.methods.end() ||
         (method == "HEAD" && std::ranges::find(rule.methods, "GET") != rule.methods.end());
}

/// How well a request would be recorded; the larger is the safe side.
int safety(const PathRule& rule, Action action, std::string_view method) {
  const bool held = may_change(method) && rule.level != policy::Level::none &&
                    rule.on_failure == policy::OnFailure::block;
  return (changes_object(action) && rule.level != policy::Level::none ? 32 : 0) + (held ? 16 : 0) +
         2 * static_cast<int>(rule.level) + 1;
}

}  // namespace

std::span<const std::string_view> override_headers() { return kOverrideHeaders; }

Result<PathTable> PathTable::make(std::vector<PathRule> rules) {
  PathTable out;
  std::vector<PathPattern> patterns;
  for (const PathRule& rule : rules) {
    TALLY_TRY(auto pattern, with_context(PathPattern::parse(rule.path),
                                         rule.place.empty() ? "paths" : rule.place));
    patterns.push_back(std::move(pattern));
  }
  std::vector<std::size_t> order(rules.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    if (patterns[a].rank() != patterns[b].rank()) return patterns[a].rank() > patterns[b].rank();
    return !rules[a].methods.empty() && rules[b].methods.empty();
  });
  for (const std::size_t index : order) {
    const std::size_t position = out.rules_.size();
    out.rules_.push_back(std::move(rules[index]));
    out.patterns_.push_back(std::move(patterns[index]));
    const std::string& segment = out.patterns_.back().first_segment();
    (segment.empty() ? out.anywhere_ : out.by_segment_[segment]).push_back(position);
  }
  return out;
}

/// Rows that match, in order, until `visit` says that it has enough.
template <class Visit>
void PathTable::visit(std::string_view method, std::string_view reading, Visit&& visit) const {
  static const std::vector<std::size_t> kNone;
  const auto bucket = by_segment_.find(first_segment(reading));
  const std::vector<std::size_t>& near = bucket == by_segment_.end() ? kNone : bucket->second;
  std::size_t i = 0, j = 0;
  while (i < near.size() || j < anywhere_.size()) {
    const bool take_near = i < near.size() && (j == anywhere_.size() || near[i] < anywhere_[j]);
    const std::size_t row = take_near ? near[i++] : anywhere_[j++];
    if (!takes(rules_[row], method)) continue;
    const auto capture = patterns_[row].match(reading);
    if (capture && visit(PathCandidate{&rules_[row], *capture})) return;
  }
}

std::optional<PathCandidate> PathTable::first(std::string_view method,
                                              std::string_view reading) const {
  std::optional<PathCandidate> out;
  visit(method, reading, [&out](const PathCandidate& found) {
    out = found;
    return true;
  });
  return out;
}

std::vector<PathCandidate> PathTable::candidates(std::string_view method,
                                                 std::string_view reading) const {
  std::vector<PathCandidate> out;
  visit(upper(method), reading, [&out](const PathCandidate& found) {
    out.push_back(found);
    return false;
  });
  return out;
}

PathMatch PathTable::find(std::string_view method, std::string_view path,
                          std::string_view override_method) const {
  PathMatch out;
  if (rules_.empty()) return out;
  const std::array<std::string, 2> both{upper(method), upper(override_method)};
  const auto methods = std::span(both).first(override_method.empty() ? 1 : 2);
  const std::vector<std::string> readings = path_readings(path);
  int best = 0;
  bool any = false, none = false;
  const PathRule* seen = nullptr;
  for (const std::string& reading : readings) {
    for (const std::string& one : methods) {
      const auto found = first(one, reading);
      if (!found) {
        none = true;
        continue;
      }
      if (found->rule->category == Category::mcp) {
        out.ambiguous = out.ambiguous || (any && !out.mcp);
        out.mcp = true;
        continue;
      }
      out.ambiguous = out.ambiguous || (any && seen != found->rule);
      any = true;
      seen = found->rule;
      if (out.secret.empty() && !found->capture.secret.empty()) {
        out.secret = found->capture.secret;
        out.reading = reading;
      }
      const bool has_id = !found->capture.id.empty();
      const Action action = action_of(*found->rule, one, has_id);
      const int score = safety(*found->rule, action, one);
      if (score <= best) continue;
      best = score;
      out.rule = found->rule;
      out.action = action;
      out.id = utf8_repair(utf8_prefix(http::percent_decode(found->capture.id), kObjectIdBytesMax));
    }
  }
  out.ambiguous = out.ambiguous || ((any || out.mcp) && none) || (any && out.mcp);
  // What is not recorded at all is so only when there is no doubt.
  if (out.ambiguous && out.rule != nullptr && out.rule->level == policy::Level::none) {
    out.rule = nullptr;
  }
  return out;
}

}  // namespace tally::rest
