// SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include "base/nearest.h"
#include "config/audited_paths.h"
#include "config/facts.h"
#include "config/origins.h"
#include "config/value.h"
#include "policy/policy_file.h"
#include "storage/device.h"
#include "storage/file_system.h"

#include <algorithm>

namespace tally::config {
namespace {

/// The one who brings values that are named by flag or variable.
struct Source {
  bool flags;
  const Sources& sources;

  template <class Target>
  [[nodiscard]] std::string name_of(const Setting<Target>& row) const {
    return std::string(flags ? row.flag : row.environment);
  }
  /// What was given; empty: nothing.
  template <class Target>
  [[nodiscard]] std::vector<std::string> values_of(const Setting<Target>& row) const {
    const std::string name = name_of(row);
    if (name.empty()) return {};
    if (flags) {
      const auto at = sources.flags.find(name);
      return at == sources.flags.end() ? std::vector<std::string>() : at->second;
    }
    const auto value = sources.environment(name);
    if (!value || value->empty()) return {};
    return row.shape == Shape::list ? split_list(*value) : std::vector<std::string>{*value};
  }
};

template <class Target>
Result<void> apply(const Setting<Target>& row, const Source& source, Target& target,
                   Origins& origins, const std::vector<std::string>& values) {
  TALLY_TRY_VOID(with_context(store(row, target, values), source.name_of(row)));
  origins[std::string(row.key)] = source.name_of(row);
  return {};
}

Result<void> apply_serve_rows(const Source& source, Draft& draft) {
  for (const auto& row : serve_settings()) {
    const auto values = source.values_of(row);
    if (values.empty()) continue;
    if (row.key == "proxies" && !draft.config.proxies.empty()) {
      draft.warnings.push_back(source.name_of(row) + " replaces the proxies of " +
                               draft.origins["proxies"]);
    }
    TALLY_TRY_VOID(apply(row, source, draft.config, draft.origins, values));
    if (row.key == "proxies") {
      const std::string name = source.name_of(row);
      draft.proxy_origins.clear();
      for (const ProxyConfig& proxy : draft.config.proxies) {
        Origins origins{{"listen", name}, {"upstream", name}};
        if (!proxy.name.empty()) origins["name"] = name;
        draft.proxy_origins.push_back(std::move(origins));
      }
    } else if (row.key == "policy_file") {
      draft.policy_file = values[0];
      if (draft.inline_policy) {
        draft.warnings.push_back(source.name_of(row) + " replaces the policy of " +
                                 draft.origins["policy"]);
        draft.inline_policy.reset();
        draft.origins.erase("policy");
      }
    }
  }
  return {};
}

/// A flag or variable holds for every proxy.
Result<void> apply_proxy_rows(const Source& source, Draft& draft) {
  for (const auto& row : proxy_settings()) {
    const auto values = source.values_of(row);
    if (values.empty()) continue;
    const std::size_t proxies = draft.config.proxies.size();
    if (proxies == 0) {
      const std::string text = source.name_of(row) + ": there is no proxy that it could be for";
      if (source.flags) return fail(Errc::invalid_argument, text + "; give --proxy too");
      draft.warnings.push_back(text);
    }
    if (row.key == "public_url" && proxies > 1) {
      return fail(Errc::invalid_argument, source.name_of(row) + ": would hold for each of " +
                                              std::to_string(proxies) +
                                              " proxies; write public_url in the settings file");
    }
    for (std::size_t i = 0; i < proxies; ++i) {
      TALLY_TRY_VOID(apply(row, source, draft.config.proxies[i], draft.proxy_origins[i], values));
    }
  }
  return {};
}

Result<void> make_policy(storage::FileSystem& fs, Draft& draft) {
  draft.policy_digest = policy_digest(draft.inline_policy.value_or(policy::PolicyOptions{}));
  if (draft.inline_policy) {
    draft.config.policy = std::make_shared<const policy::Policy>(std::move(*draft.inline_policy));
    return {};
  }
  if (draft.policy_file.empty()) return {};
  const auto text = storage::read_file(fs, draft.policy_file, kConfigFileBytesMax);
  if (!text) {
    return fail(text.error().code,
                draft.origins["policy_file"] + ": policy_file: " + text.error().detail);
  }
  TALLY_TRY(policy::PolicyFile read, policy::check_policy(*text, draft.policy_file));
  if (auto error = yaml::as_error(draft.policy_file, read.problems)) {
    return tl::unexpected(std::move(*error));
  }
  for (const yaml::Problem& problem : read.problems) {
    draft.warnings.push_back(yaml::format(draft.policy_file, problem));
  }
  draft.policy_digest = policy_digest(read.options);
  draft.config.policy = std::make_shared<const policy::Policy>(std::move(read.options));
  return {};
}

void warn_of_variables(const std::vector<std::string>& variables, Draft& draft) {
  std::vector<std::string> known{"TALLYSTICK_CONFIG"};
  for (const auto& row : serve_settings()) known.emplace_back(row.environment);
  for (const auto& row : proxy_settings()) known.emplace_back(row.environment);
  for (const std::string& name : variables) {
    const bool ours = name.starts_with("AUDIT_LOG_") || name.starts_with("AUDIT_ALERT_") ||
                      name.starts_with("TALLYSTICK_");
    if (!ours || std::ranges::find(known, name) != known.end()) continue;
    const std::string meant = nearest(name, known);
    draft.warnings.push_back(name + ": no such setting" +
                             (meant.empty() ? "" : "; did you mean " + meant + '?'));
  }
}

/// Contract 3: the spool is for a log that cannot be written, and a full disk is the usual reason.
void warn_of_spool(Draft& draft) {
  const ServeConfig& config = draft.config;
  if (config.spool.directory.empty()) return;
  const auto together = storage::on_one_file_system(config.spool.directory, config.log.directory);
  if (!together.value_or(false)) return;
  draft.warnings.push_back(draft.origins["spool.directory"] +
                           ": spool.directory: " + config.spool.directory +
                           " is on the file system of the log (" + config.log.directory +
                           "), so both are full at the same time; name a folder on another one");
}

template <class Target>
Effective effective(const Setting<Target>& row, const Target& target, const Origins& origins,
                    const std::string& prefix) {
  Effective out;
  out.key = prefix + std::string(row.key);
  const auto at = origins.find(row.key);
  out.origin = at == origins.end() ? "default" : at->second;
  out.secret = row.secret;
  if (row.get != nullptr) out.value = row.get(target);
  if (row.secret && !out.value.empty()) out.value = "(set)";
  return out;
}

std::vector<Effective> effective_values(const Draft& draft) {
  std::vector<Effective> out;
  for (const auto& row : serve_settings()) {
    if (row.set == nullptr) continue;  // nothing that could be in effect
    out.push_back(effective(row, draft.config, draft.origins, ""));
    if (row.key != "policy_file") continue;
    out.back().value = draft.policy_file;
    const auto inlined = draft.origins.find("policy");
    if (inlined == draft.origins.end()) continue;
    const std::size_t rules = draft.config.policy->rules().size() - policy::default_rules().size();
    out.push_back({"policy", std::to_string(rules) + " rules", inlined->second});
  }
  for (std::size_t i = 0; i < draft.config.proxies.size(); ++i) {
    const std::string prefix = "proxies[" + std::to_string(i) + "].";
    const Origins& origins = draft.proxy_origins[i];
    for (const auto& row : proxy_settings()) {
      out.push_back(effective(row, draft.config.proxies[i], origins, prefix));
    }
    const auto at = origins.find("paths");
    out.push_back({prefix + "paths", paths_text(draft.config.proxies[i]),
                   at == origins.end() ? "default" : at->second});
  }
  return out;
}

}  // namespace

Result<Loaded> load_serve_config(storage::FileSystem& fs, const Sources& sources) {
  Draft draft;
  std::string file = sources.file;
  if (file.empty()) file = sources.environment("TALLYSTICK_CONFIG").value_or("");
  if (!file.empty()) TALLY_TRY_VOID(load_file(fs, file, draft));
  const Source environment{false, sources};
  const Source flags{true, sources};
  TALLY_TRY_VOID(apply_serve_rows(environment, draft));
  TALLY_TRY_VOID(apply_serve_rows(flags, draft));
  TALLY_TRY_VOID(apply_proxy_rows(environment, draft));
  TALLY_TRY_VOID(apply_proxy_rows(flags, draft));
  if (draft.config.log.directory.empty()) {
    TALLY_TRY(draft.config.log.directory, log::default_log_directory(sources.environment));
  }
  TALLY_TRY_VOID(make_policy(fs, draft));
  TALLY_TRY_VOID(check_whole(fs, draft, sources.check_files));
  warn_of_variables(sources.variables, draft);
  if (sources.check_files) warn_of_spool(draft);
  Loaded out;
  out.values = effective_values(draft);
  out.policy_digest = std::move(draft.policy_digest);
  out.config = std::move(draft.config);
  out.warnings = std::move(draft.warnings);
  return out;
}

Result<LogConfig> load_log_config(const log::Environment& environment) {
  const Sources sources{{}, "", environment, {}, false};
  const Source source{false, sources};
  Draft draft;
  for (const auto& row : serve_settings()) {
    if (!row.environment.starts_with("AUDIT_")) continue;
    const auto values = source.values_of(row);
    if (values.empty()) continue;
    TALLY_TRY_VOID(apply(row, source, draft.config, draft.origins, values));
  }
  return draft.config.log;
}

}  // namespace tally::config
