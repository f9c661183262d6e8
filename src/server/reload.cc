// SPDX-License-Identifier: Apache-2.0
#include "server/reload.h"

#include "base/own_log.h"

#include <algorithm>
#include <utility>

namespace tally::server {
namespace {

/// "proxies[2].tls.key" to "proxies[].tls.key".
std::string without_numbers(std::string_view name) {
  std::string out;
  bool inside = false;
  for (const char c : name) {
    if (c == ']') inside = false;
    if (!inside) out += c;
    if (c == '[') inside = true;
  }
  return out;
}

/// Whether it is a setting of a proxy that is not the one that runs in this place.
bool of_another_proxy(std::string_view name, const std::vector<std::string>& differing) {
  const std::size_t dot = name.find("].");
  if (!name.starts_with("proxies[") || dot == std::string_view::npos) return false;
  const std::string prefix(name.substr(0, dot + 2));
  return std::ranges::any_of(differing, [&](const std::string& each) {
    return each == prefix + "listen" || each == prefix + "upstream";
  });
}

/// Whether it is a list of revoked certificates for other authorities than those that are asked.
bool of_other_authorities(std::string_view name, const std::vector<std::string>& differing) {
  constexpr std::string_view kList = "tls.client_crl";
  if (!name.ends_with(kList)) return false;
  const std::string authorities =
      std::string(name.substr(0, name.size() - kList.size())) + "tls.client_ca";
  return std::ranges::find(differing, authorities) != differing.end();
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace

Reload::Reload(Parts parts) : parts_(std::move(parts)) {}

Reload::~Reload() {
  stop_.request_stop();
  if (worker_.joinable()) worker_.join();
}

void Reload::add(std::vector<std::string> keys, Prepare prepare) {
  takers_.push_back({std::move(keys), std::move(prepare)});
}

bool Reload::takes(std::string_view name) const {
  const std::string key = without_numbers(name);
  return std::ranges::any_of(takers_, [&](const Part& part) {
    return std::ranges::find(part.keys, key) != part.keys.end();
  });
}

Result<void> Reload::try_once() {
  TALLY_TRY(const config::Loaded next, parts_.load());
  for (const std::string& warning : next.warnings) say(LogLevel::warning, "settings", warning);
  std::vector<Commit> commits;
  for (const Part& part : takers_) {
    TALLY_TRY(Commit commit, part.prepare(next.config));
    commits.push_back(std::move(commit));
  }
  if (stop_.stop_requested()) return fail(Errc::closed, "the service stops");
  const config::SettingsFacts facts = config::settings_facts(next);
  SelfEvents::Reloaded told;
  const auto names = config::differing_settings(parts_.in_force.marks, facts.marks);
  for (const std::string& name : names) {
    const bool taken =
        takes(name) && !of_another_proxy(name, names) && !of_other_authorities(name, names);
    (taken ? told.changed : told.needs_restart).push_back(name);
  }
  told.before = parts_.in_force;
  // What needs a restart is not in force. It stays a difference, and is named again the next time.
  parts_.in_force = config::with_settings(parts_.in_force, facts, told.changed);
  told.now = parts_.in_force;
  // Recorded before it happens; the writer is not waited for, so that a full disk keeps nobody from
  // mending the settings.
  parts_.record(parts_.events.reloaded(told));
  for (const Commit& commit : commits) commit();
  say(LogLevel::info, "settings",
      "read again; " +
          (told.changed.empty() ? "no setting changed" : "changed: " + joined(told.changed)));
  if (!told.needs_restart.empty()) {
    say(LogLevel::warning, "settings",
        "these change only with a restart: " + joined(told.needs_restart));
  }
  return {};
}

bool Reload::run() {
  const std::lock_guard lock(running_);
  const auto done = try_once();
  if (done) return true;
  // What was waited for says only that somebody wanted it no more.
  const std::string why = stop_.stop_requested() ? "the service stops" : done.error().detail;
  say(LogLevel::error, "settings", "not read again, nothing changed: " + why);
  parts_.record(parts_.events.not_reloaded(parts_.in_force, why));
  return false;
}

void Reload::request() {
  const std::lock_guard lock(mutex_);
  if (busy_) {
    again_ = true;
    return;
  }
  busy_ = true;
  if (worker_.joinable()) worker_.join();  // it has nothing left to do
  worker_ = std::thread([this] { work(); });
}

void Reload::work() {
  for (;;) {
    run();
    const std::lock_guard lock(mutex_);
    if (std::exchange(again_, false) && !stop_.stop_requested()) continue;
    busy_ = false;
    return;
  }
}

}  // namespace tally::server
