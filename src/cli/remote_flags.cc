// SPDX-License-Identifier: Apache-2.0
#include "cli/remote_flags.h"

#include "base/limits.h"
#include "cli/line_input.h"
#include "cli/query_terms.h"
#include "index/query_time.h"

namespace tally::cli {

void RemoteFlags::declare(OptionSet& options) {
  options.text("--url", url, "URL",
               "ask this server (https://HOST:PORT) instead of reading\nfiles; with its API token "
               "in TALLYSTICK_TOKEN");
  options.text("--token-file", token_file, "FILE", "the API token is in this file");
  options.text("--ca", ca_file, "FILE", "believe these certificates, not the system's");
}

Result<void> RemoteFlags::check(std::initializer_list<std::pair<const char*, bool>> local) const {
  if (!wanted()) {
    if (token_file.empty() && ca_file.empty()) return {};
    return fail(Errc::invalid_argument, "--token-file and --ca: only together with --url");
  }
  for (const auto& [flag, given] : local) {
    if (given) return fail(Errc::invalid_argument, std::string(flag) + ": not together with --url");
  }
  return {};
}

Result<remote::Client> RemoteFlags::connect(Invocation& call) const {
  remote::ClientOptions options{url, {}, ca_file};
  if (!token_file.empty()) {
    TALLY_TRY(options.token, read_input(token_file, kSmallFileBytesMax));
    while (options.token.ends_with('\n') || options.token.ends_with('\r')) options.token.pop_back();
  } else if (const auto token = call.environment("TALLYSTICK_TOKEN")) {
    options.token = *token;
  }
  return remote::Client::open(std::move(options));
}

Result<remote::Parameters> remote_parameters(Invocation& call, const EntryFlags& wanted) {
  remote::Parameters out;
  const std::string text = joined_terms(wanted.words);
  if (!text.empty()) out.emplace_back("q", text);
  const auto add_time = [&](const std::string& time, const char* flag,
                            const char* parameter) -> Result<void> {
    const auto parsed = index::parse_time_argument(time, call.clock.now());
    if (!parsed) {
      return fail(Errc::invalid_argument,
                  std::string(flag) + ": \"" + time +
                      "\" is no time; write 2026-11-21, 2026-11-21T19:00:00Z, today or -15m");
    }
    out.emplace_back(parameter, format_time(*parsed));
    return {};
  };
  // The server's own default would be 7 days.
  TALLY_TRY_VOID(
      add_time(wanted.from.empty() ? "1970-01-01" : wanted.from, "--from", "start_time"));
  if (!wanted.to.empty()) TALLY_TRY_VOID(add_time(wanted.to, "--to", "end_time"));
  return out;
}

}  // namespace tally::cli
