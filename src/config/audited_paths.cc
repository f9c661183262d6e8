// SPDX-License-Identifier: Apache-2.0
#include "config/audited_paths.h"

#include "config/value.h"

namespace tally::config {

std::vector<rest::PathRule> audited_paths(const ProxyConfig& proxy) {
  std::vector<rest::PathRule> out = proxy.paths;
  if (proxy.path_defaults == PathDefaults::contextforge) {
    const auto rows = rest::contextforge_paths();
    out.insert(out.end(), rows.begin(), rows.end());
  }
  return out;
}

std::string paths_text(const ProxyConfig& proxy) {
  std::vector<std::string> out;
  for (const rest::PathRule& rule : proxy.paths) {
    std::string row = "{path: " + rule.path + ", methods: " + format_list(rule.methods) +
                      ", category: " + std::string(rest::category_name(rule.category));
    if (rule.action != rest::Action::by_method) {
      row += ", action: " + std::string(rest::action_name(rule.action));
    }
    if (!rule.target_type.empty()) row += ", target: " + rule.target_type;
    out.push_back(row + ", level: " + std::string(policy::level_name(rule.level)) +
                  ", on_failure: " + std::string(policy::on_failure_name(rule.on_failure)) + '}');
  }
  return format_list(out);
}

}  // namespace tally::config
