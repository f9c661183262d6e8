// SPDX-License-Identifier: Apache-2.0
// tallystick serve: from a command line to listeners in front of upstreams.
#include "server/serve.h"

#include "base/own_log.h"
#include "cli/command.h"
#include "cli/config_flags.h"
#include "cli/log_access.h"
#include "cli/option_set.h"
#include "config/facts.h"
#include "log/log_info.h"

#include <unistd.h>

namespace tally::cli {
namespace {

void tell_ready(Invocation& call, const std::vector<proxy::Listening>& places) {
  for (const proxy::Listening& place : places) {
    if (place.upstream.empty()) {
      call.console.print("API and health on " + place.url + "\n");
    } else {
      const std::string name = place.name.empty() ? "" : place.name + " ";
      call.console.print("proxy " + name + "on " + place.url + " for " + place.upstream + "\n");
    }
  }
  call.console.flush();
}

}  // namespace

int serve_command(Invocation& call) {
  ConfigFlags flags;
  OptionSet options(
      "serve", "[FLAGS]",
      "Runs the API of the log (POST /api/audit/events and more, see /openapi.json), "
      "and stands in\nfront of MCP servers that speak HTTP to record what clients and "
      "servers say. The bytes pass\nunchanged. A call that may change something reaches "
      "the server only once its record is on disk.\nRuns until SIGTERM or SIGINT, which "
      "let requests under way end; SIGHUP reads the settings again.");
  flags.declare(options);
  options.footer("Example: tallystick serve --proxy files@127.0.0.1:8080=http://127.0.0.1:3001");
  if (const auto ended = take_flags(options, call)) return *ended;
  auto loaded = flags.load(call);
  if (!loaded) return refuse_lines(call, loaded.error());
  const bool as_json = loaded->config.log_format == LogFormat::json;
  set_log_format(loaded->config.log_format);
  const auto note = [&call, as_json](const std::string& text) {
    if (as_json) {
      say(LogLevel::info, "serve", text);
    } else {
      call.console.note("tallystick: " + text);
    }
  };
  if (as_json) {
    for (const std::string& warning : loaded->warnings) say(LogLevel::warning, "settings", warning);
  } else {
    tell_warnings(call, loaded->warnings);
  }
  const std::string& directory = loaded->config.log.directory;
  const auto there = log::read_log_info(call.fs, log::Layout(directory));
  if (!there && there.error().code == Errc::not_found) {
    note("making a new log in " + directory);
  }
  server::ServeOptions serve;
  serve.config = std::move(loaded->config);
  serve.host = host_name();
  serve.environment = call.environment;
  serve.ready = [&call](const auto& places) { tell_ready(call, places); };
  serve.version = TALLY_VERSION;
  serve.settings = config::settings_facts(*loaded);
  serve.reload = [&call, &flags] { return flags.load(call); };
  serve.first_token = [&call, &note](const std::string& secret, const std::string& path) {
    note("made a first API token with the role admin, in " + path);
    if (::isatty(STDERR_FILENO) == 1) call.console.note("tallystick: it is " + secret);
  };
  const auto served = server::run_serve(serve);
  if (!served && as_json) {
    say(LogLevel::error, "serve", served.error().detail);
    return kUnusable;
  }
  if (!served) return call.refuse(served.error());
  return kOk;
}

}  // namespace tally::cli
