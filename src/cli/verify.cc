// SPDX-License-Identifier: Apache-2.0
// tallystick verify: is the log whole, unchanged, and what its checkpoints say?
#include "cli/command.h"
#include "cli/entry_flags.h"
#include "cli/line_input.h"
#include "cli/log_access.h"
#include "cli/option_set.h"
#include "cli/remote_flags.h"
#include "cli/verify_print.h"
#include "cli/verify_span.h"
#include "log/verifier.h"
#include "merkle/checkpoint.h"
#include "remote/log_check.h"
#include "remote/span_check.h"

#include <chrono>

namespace tally::cli {
namespace {

struct Flags {
  LogFlags log;
  RemoteFlags remote;
  std::vector<std::string> against;
  std::string key;
  std::string from, to;
  bool json = false;
};

OptionSet options_of(Flags& flags) {
  OptionSet options("verify", "[FLAGS]",
                    "Checks every line, tree hash, checkpoint and signature of the log. Changes "
                    "nothing, takes no\nlock. Status 1 when something is wrong; each problem is "
                    "named with the entry.");
  flags.log.declare(options);
  flags.log.declare_keys(options);
  flags.remote.declare(options);
  options.texts("--against", flags.against, "FILE",
                "a checkpoint kept elsewhere (repeatable): only that finds\nan older copy of the "
                "whole log put back, or a log\nrewritten by who has its key");
  options.text("--key", flags.key, "KEY",
               "trust this verifier key, or the one in this file;\ndefault the one pinned in the "
               "private folder");
  options.text("--from", flags.from, "TIME",
               "only the entries between the first and the last one of\na time, and what proves "
               "them: 2026-11-21, -2h, yesterday");
  options.text("--to", flags.to, "TIME", "before this time");
  options.flag("--json", flags.json,
               "print ok, size, signed_size, root, trust, key,\nproblems and notes as JSON");
  options.footer(
      "With --url all entries that the server has signed are fetched and hashed here; nothing "
      "is believed\nbut what --key signed. Of a time (--from, --to) the server says which "
      "entries are of it; these\nand the hashes that lead from them to the signed root are "
      "fetched. "
      "The times of the first and the\nlast one are checked, not whether others of that time stand "
      "elsewhere. Of a time of which no entry\nwas checked the status is 1, also without --url.");
  return options;
}

/// A checkpoint that cannot be read is wrong input; one that does not fit is a finding.
Result<std::vector<log::OutsideCheckpoint>> read_outside(const std::vector<std::string>& files) {
  std::vector<log::OutsideCheckpoint> out;
  for (const std::string& file : files) {
    TALLY_TRY(std::string note, read_input(file, kSmallFileBytesMax));
    auto read = merkle::read_unverified_checkpoint(note);
    if (!read) {
      return fail(read.error().code,
                  "--against " + file + ": no checkpoint: " + read.error().detail);
    }
    out.push_back({file, std::move(note)});
  }
  return out;
}

/// A percentage on the terminal, ten times a second.
class Meter {
 public:
  explicit Meter(Invocation& call) : call_(call), start_(call.clock.mono()), shown_(start_) {}

  void operator()(std::uint64_t done, std::uint64_t total) {
    const MonoTime now = call_.clock.mono();
    if (total == 0 || now - shown_ < std::chrono::milliseconds(100)) return;
    shown_ = now;
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now - start_).count();
    const auto rate = static_cast<std::uint64_t>(static_cast<double>(done) * 1e6 /
                                                 static_cast<double>(std::max<long>(micros, 1)));
    call_.console.progress("verifying " + bytes_text(total) + ": " +
                           std::to_string(done * 100 / total) + " %, " + bytes_text(rate) + "/s");
  }

 private:
  Invocation& call_;
  MonoTime start_;
  MonoTime shown_;
};

Result<VerifySummary> verify_server(Invocation& call, const Flags& flags) {
  TALLY_TRY_VOID(flags.remote.check(
      {{"--log", !flags.log.directory.empty()}, {"--keys", !flags.log.keys.empty()}}));
  if (flags.key.empty()) {
    return fail(Errc::invalid_argument,
                "--url: needs --key with the verifier key of the log (tallystick key show), "
                "brought from where it is by another way");
  }
  TALLY_TRY(const auto key, parse_key_argument(flags.key));
  TALLY_TRY(const auto against, read_outside(flags.against));
  TALLY_TRY(auto client, flags.remote.connect(call));
  const MonoTime start = call.clock.mono();
  MonoTime shown = start;
  const auto progress = [&](std::uint64_t done, std::uint64_t total) {
    const MonoTime now = call.clock.mono();
    if (total == 0 || now - shown < std::chrono::milliseconds(100)) return;
    shown = now;
    call.console.progress("verifying " + grouped(total) +
                          " entries: " + std::to_string(done * 100 / total) + " %");
  };
  std::optional<remote::NamedSpan> span;
  TALLY_TRY(const auto window, time_window({flags.from, flags.to}, call.clock.now()));
  if (window) {
    const auto time = [](std::int64_t micros) {
      return WallTime(std::chrono::microseconds(micros));
    };
    std::optional<WallTime> first, end;
    if (!flags.from.empty()) first = time(window->low);
    if (!flags.to.empty()) end = time(window->high + 1);
    TALLY_TRY(span, remote::span_of_times(client, first, end));
  }
  TALLY_TRY(auto report, remote::check_log(client, key, against, progress, span));
  call.console.clear_progress();
  return VerifySummary{
      client.url(), std::move(report),
      std::chrono::duration_cast<std::chrono::microseconds>(call.clock.mono() - start),
      window.has_value(), window.has_value()};
}

Result<VerifySummary> verify(Invocation& call, const Flags& flags) {
  if (flags.remote.wanted()) return verify_server(call, flags);
  TALLY_TRY_VOID(flags.remote.check({}));
  TALLY_TRY(const std::string directory, log_directory(flags.log, call.environment));
  log::VerifyOptions options;
  options.keys_path = flags.log.keys;
  if (!flags.key.empty()) {
    TALLY_TRY(options.key, parse_key_argument(flags.key));
  }
  TALLY_TRY(options.against, read_outside(flags.against));
  TALLY_TRY(const auto window, time_window({flags.from, flags.to}, call.clock.now()));
  if (window) {
    TALLY_TRY(options.span, span_of_window(call.fs, directory, *window));
  }
  Meter meter(call);
  options.progress = [&meter](std::uint64_t done, std::uint64_t total) { meter(done, total); };
  const MonoTime start = call.clock.mono();
  TALLY_TRY(auto report, log::verify_log(call.fs, directory, options, call.environment));
  call.console.clear_progress();
  return VerifySummary{
      directory, std::move(report),
      std::chrono::duration_cast<std::chrono::microseconds>(call.clock.mono() - start),
      window.has_value()};
}

}  // namespace

int verify_command(Invocation& call) {
  Flags flags;
  OptionSet options = options_of(flags);
  if (const auto ended = take_flags(options, call)) return *ended;
  const auto summary = verify(call, flags);
  if (!summary) return call.refuse(summary.error());
  call.console.print(flags.json ? verify_json(*summary) : verify_text(*summary));
  return passed(*summary) ? kOk : kCheckFailed;
}

}  // namespace tally::cli
