// SPDX-License-Identifier: Apache-2.0
// tallystick doctor: is this installation in order?
#include "cli/command.h"
#include "cli/config_flags.h"
#include "cli/doctor_log.h"
#include "cli/doctor_places.h"
#include "cli/doctor_report.h"
#include "cli/option_set.h"

namespace tally::cli {
namespace {

/// What can be told of settings that are wrong: the log at least, if it is named or the default.
config::ServeConfig without_settings(const ConfigFlags& flags,
                                     const log::Environment& environment) {
  config::ServeConfig out;
  const auto given = flags.values();
  const auto at = given.find("--log");
  if (at != given.end()) {
    out.log.directory = at->second.back();
  } else if (const auto directory = log::default_log_directory(environment)) {
    out.log.directory = *directory;
  }
  return out;
}

}  // namespace

int doctor_command(Invocation& call) {
  ConfigFlags flags;
  bool json = false;
  OptionSet options(
      "doctor", "[FLAGS]",
      "Checks an installation with the settings that serve would have: settings, log, "
      "keys, disk,\nclock, index, listeners, upstreams. Changes nothing. Status 1 when a "
      "check failed; warnings\nand notes leave it 0.");
  flags.declare(options);
  options.flag("--json", json, "print the findings as JSON");
  options.footer(
      "Example: sudo -u tallystick tallystick doctor --config /etc/tallystick/tallystick.yaml");
  if (const auto ended = take_flags(options, call)) return *ended;
  DoctorReport report;
  auto loaded = flags.load(call);
  if (loaded) {
    report.add("settings", Finding::fine,
               counted(loaded->config.proxies.size(), "proxy", "proxies") + ", log in " +
                   loaded->config.log.directory);
    for (const std::string& warning : loaded->warnings) {
      report.add("settings", Finding::warning, warning);
    }
  } else {
    report.add("settings", Finding::failed, loaded.error().detail, "see tallystick config check");
  }
  const config::ServeConfig config =
      loaded ? std::move(loaded->config) : without_settings(flags, call.environment);
  if (!config.log.directory.empty()) {
    check_log(report, {call.fs, call.clock, call.environment, config});
  }
  if (loaded) check_places(report, config);
  call.console.print(json ? report.json() : report.text());
  return report.count(Finding::failed) == 0 ? kOk : kCheckFailed;
}

}  // namespace tally::cli
