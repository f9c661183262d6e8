// SPDX-License-Identifier: Apache-2.0
// tallystick tail: the newest entries, and what comes after them.
#include "cli/command.h"
#include "cli/entry_flags.h"
#include "cli/log_access.h"
#include "cli/option_set.h"
#include "cli/query_index.h"
#include "cli/remote_flags.h"
#include "cli/stop_signals.h"
#include "cli/tail_remote.h"
#include "index/dangling.h"
#include "index/matcher.h"
#include "index/table.h"
#include "log/reader.h"

#include <algorithm>
#include <limits>

namespace tally::cli {
namespace {

constexpr std::uint64_t kLinesDefault = 10;

struct Flags {
  LogFlags log;
  RemoteFlags remote;
  std::optional<std::uint64_t> lines;
  std::string since;
  bool follow = false;
  bool json = false;
};

OptionSet options_of(Flags& flags) {
  OptionSet options("tail", "[FLAGS]", "Shows the newest entries, the newest last.");
  flags.log.declare(options);
  flags.remote.declare(options);
  options.number("-n,--lines", flags.lines, "N", "how many at most; default 10, with --since all");
  options.text("--since", flags.since, "TIME",
               "only what happened from this time on: 2026-11-21,\n2026-11-21T19:00Z, today, -15m, "
               "-2h");
  options.flag("-f,--follow", flags.follow, "go on as entries come; Ctrl-C ends");
  options.flag("--json", flags.json, "the entries as they stand in the log, one a line");
  options.footer(
      "A call whose process ended without an outcome is shown as unknown. --json gives the "
      "entry's\n"
      "own bytes, the ones that are hashed and proved: there it is pending, as when it began.");
  return options;
}

class Tail {
 public:
  Tail(Invocation& call, const Flags& flags, const std::optional<index::Range>& since,
       log::Reader reader, index::Dangling dangling)
      : call_(call),
        since_(since),
        wanted_(since ? std::optional<index::Matcher>(window_of(*since)) : std::nullopt),
        reader_(std::move(reader)),
        dangling_(std::move(dangling)),
        judged_(!flags.json),
        printer_(flags.json ? index::Format::ndjson : index::Format::table,
                 {.width = call.console.width(), .colour = call.console.colour()}) {}

  /// `signals` only when following: otherwise they end the process as they always do.
  Result<void> run(std::uint64_t lines, StopSignals* signals) {
    signals_ = signals;
    TALLY_TRY(const log::Head head, reader_.head());
    TALLY_TRY_VOID(find_start(head, lines));
    printer_.begin(text_);
    TALLY_TRY_VOID(show(head));
    while (signals_ != nullptr && call_.console.still_wanted() &&
           signals_->wait(-1, kFollowInterval) != StopSignals::Wait::stopped) {
      TALLY_TRY_VOID(show_new());
    }
    printer_.end(text_);
    call_.console.print(text_);
    return {};
  }

 private:
  /// Entries are in the order of their numbers, not of their times: of those before the first one
  /// that is shown, none may be of the time that is asked for.
  Result<void> find_start(const log::Head& head, std::uint64_t lines) {
    const std::uint64_t size = head.size.value();
    next_ = size - std::min(lines, size);
    if (!since_ || lines == 0) return {};
    next_ = 0;
    const auto indexed =
        IndexedPart::open(call_.fs, reader_.layout().directory(), head, window_of(*since_));
    if (indexed) {
      next_ = indexed->size();
      TALLY_TRY_VOID(indexed->each(true, [this](LeafIndex seq, std::string_view) {
        next_ = seq.value();
        return false;
      }));
    }
    if (lines >= size - next_) return {};
    const std::uint64_t first = next_;
    return reader_.scan_backward(head, head.size, [&](LeafIndex seq, std::string_view line) {
      if (seq.value() < first) return false;
      next_ = seq.value();
      return !wanted_->matches(line) || --lines != 0;
    });
  }

  static index::Expression window_of(const index::Range& since) {
    index::Expression out;
    out.terms.push_back(window_term(since));
    return out;
  }

  /// A reader may get the slot before the newest while a writer is at work; never an older one.
  Result<void> show_new() {
    TALLY_TRY(const log::Head head, reader_.head());
    if (head.commit + 1 < commit_) {
      return fail(Errc::corrupt, reader_.layout().directory() + ": went back from " +
                                     std::to_string(next_) + " to " +
                                     std::to_string(head.size.value()) +
                                     " entries; an older copy was put here. Run tallystick verify");
    }
    return show(head);
  }

  Result<void> show(const log::Head& head) {
    commit_ = std::max(commit_, head.commit);
    if (head.size.value() > next_) {
      TALLY_TRY_VOID(
          reader_.scan(head, LeafIndex{next_}, [&](LeafIndex seq, std::string_view line) {
            if (!wanted_ || wanted_->matches(line)) {
              printer_.event(text_, line, judged_ && dangling_.dangles(seq, line));
            }
            next_ = seq.value() + 1;
            call_.console.print(text_);
            text_.clear();
            return call_.console.wanted() && !interrupted();
          }));
    }
    call_.console.print(text_);
    text_.clear();
    call_.console.flush();
    return {};
  }

  /// Asked once in many lines: it is a system call.
  bool interrupted() {
    constexpr std::uint64_t kMany = 256;
    return signals_ != nullptr && next_ % kMany == 0 && signals_->stopped().has_value();
  }

  Invocation& call_;
  std::optional<index::Range> since_;
  std::optional<index::Matcher> wanted_;  // as since_
  StopSignals* signals_ = nullptr;
  log::Reader reader_;
  index::Dangling dangling_;  // of the entries that were there at the start
  bool judged_;
  index::Printer printer_;
  std::string text_;
  std::uint64_t next_ = 0;    // number of the first entry not shown
  std::uint64_t commit_ = 0;  // of the newest head seen
};

Result<void> run(Invocation& call, const Flags& flags) {
  TALLY_TRY_VOID(flags.remote.check({{"--log", !flags.log.directory.empty()}}));
  TALLY_TRY(const auto since,
            time_window({.from = flags.since, .to = {}, .from_flag = "--since"}, call.clock.now()));
  const std::uint64_t all = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t lines = flags.lines.value_or(since ? all : kLinesDefault);
  std::optional<StopSignals> signals;
  if (flags.follow) {
    TALLY_TRY(auto made, StopSignals::make());
    signals.emplace(std::move(made));
  }
  if (flags.remote.wanted()) {
    return tail_server(call, flags.remote, lines, since,
                       flags.json ? index::Format::ndjson : index::Format::table,
                       signals ? &*signals : nullptr);
  }
  TALLY_TRY(const std::string directory, log_directory(flags.log, call.environment));
  TALLY_TRY(auto reader, log::Reader::open(call.fs, directory));
  TALLY_TRY(const log::Head head, reader.head());
  TALLY_TRY(auto second, log::Reader::open(call.fs, directory));
  Tail tail(call, flags, since, std::move(reader), index::Dangling(std::move(second), head));
  return tail.run(lines, signals ? &*signals : nullptr);
}

}  // namespace

int tail_command(Invocation& call) {
  Flags flags;
  OptionSet options = options_of(flags);
  if (const auto ended = take_flags(options, call)) return *ended;
  const auto done = run(call, flags);
  return done ? kOk : call.refuse(done.error());
}

}  // namespace tally::cli
