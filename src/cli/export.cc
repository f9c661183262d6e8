// SPDX-License-Identifier: Apache-2.0
// tallystick export: all entries that an expression describes, in a format for other programs.
#include "cli/command.h"
#include "cli/entry_flags.h"
#include "cli/export_output.h"
#include "cli/export_remote.h"
#include "cli/log_access.h"
#include "cli/option_set.h"
#include "cli/remote_flags.h"
#include "cli/stop_signals.h"
#include "index/sqlite/sqlite_index.h"
#include "log/reader.h"
#include "log/tree_files.h"
#include "sink/formats.h"
#include "sink/walk.h"

#include <algorithm>
#include <chrono>
#include <optional>

namespace tally::cli {
namespace {

/// One step between two looks at signals and the progress bar.
constexpr sink::WalkBudget kStep{1 * kMiB, std::chrono::milliseconds(100)};

struct Flags {
  LogFlags log;
  EntryFlags wanted;
  RemoteFlags remote;
  std::string format;
  std::string file;
  bool no_index = false;
  bool formats = false;
};

OptionSet options_of(Flags& flags) {
  OptionSet options("export", "--format FORMAT [FLAGS] [EXPRESSION...]",
                    "Writes all entries that EXPRESSION describes (see tallystick query --help), "
                    "in the order of the log,\neach checked against the tree. Without one, all "
                    "that are there when it begins.");
  std::string names;
  for (const sink::Format& format : sink::kFormats) {
    names.append(names.empty() ? "" : "\n").append(format.name).append(": ");
    names += format.summary;
  }
  options.text("--format", flags.format, "FORMAT", names);
  options.text("-o,--output", flags.file, "FILE",
               "into FILE, which has this name only once it is complete;\ndefault standard output");
  flags.log.declare(options);
  flags.log.declare_keys(options);
  flags.wanted.declare(options);
  options.flag("--no-index", flags.no_index, "read every entry, although there is an index");
  flags.remote.declare(options);
  options.flag("--formats", flags.formats, "explain the formats (Markdown)");
  options.footer(
      "  tallystick export --format csv -o today.csv --from today\n"
      "  tallystick export --format ndjson actor:alice -severity:debug | jq .event_name\n"
      "Status 2 when it is not complete: an entry that is damaged, a disk that is full, a reader "
      "that went\naway. In json the closing bracket is missing then.");
  return options;
}

bool progress_shown(Invocation& call, const Flags& flags) {
  return !flags.file.empty() || !call.console.output_is_terminal();
}

/// How far it is, ten times a second; not between entries on the same terminal.
class Meter {
 public:
  Meter(Invocation& call, const Flags& flags)
      : call_(call),
        shown_(progress_shown(call, flags)),
        start_(call.clock.mono()),
        last_(start_) {}

  void operator()(const sink::Walk& walk) {
    const MonoTime now = call_.clock.mono();
    if (!shown_ || now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    const std::uint64_t done = walk.position() - walk.begin();
    const std::uint64_t all = std::max<std::uint64_t>(walk.end() - walk.begin(), 1);
    const double seconds = std::chrono::duration<double>(now - start_).count();
    const auto rate = static_cast<std::uint64_t>(static_cast<double>(done) / seconds);
    call_.console.progress("exporting: " + std::to_string(done * 100 / all) + " %, " +
                           counted(walk.entries(), "entry", "entries") + ", " + grouped(rate) +
                           "/s");
  }

 private:
  Invocation& call_;
  const bool shown_;
  const MonoTime start_;
  MonoTime last_;
};

/// The index of the log if there is one that fits; whatever is wrong with it, the log says what
/// matches.
std::unique_ptr<index::Index> index_of(Invocation& call, const std::string& directory,
                                       const log::Head& head) {
  const auto folder = call.fs.stat(storage::join(directory, "index"));
  if (!folder || !*folder) return nullptr;
  auto opened = index::sqlite::open(call.fs, directory, {.access = index::sqlite::Access::read});
  if (!opened || (*opened)->cursor().next.value() > head.size.value()) return nullptr;
  return std::move(*opened);
}

/// What is exported, ready to go.
struct Source {
  log::Reader lines;
  log::TreeReader tree;
  std::unique_ptr<index::Index> index;  ///< null: none
  sink::Walk walk;
};

Result<Source> open_log(Invocation& call, const Flags& flags, const sink::Format& format) {
  TALLY_TRY(const std::string directory, log_directory(flags.log, call.environment));
  TALLY_TRY(auto lines, log::Reader::open(call.fs, directory));
  TALLY_TRY(auto expression, flags.wanted.parse(call, flags.log, lines.info()));
  TALLY_TRY(const log::Head head, lines.head());
  const crypto::HashAlgorithm hash = lines.info().hash;
  log::TreeReader tree(call.fs, lines.layout(), crypto::digest_bytes(hash));
  auto index = flags.no_index ? nullptr : index_of(call, directory, head);
  index::Filter filter;
  filter.all.push_back(std::move(expression));
  sink::Walk walk({head, hash, std::move(filter), index.get()}, format.make(), call.clock);
  return Source{std::move(lines), std::move(tree), std::move(index), std::move(walk)};
}

/// `signals`: null when they end the process as they always do.
Result<void> copy(Source& source, ExportOutput& output, StopSignals* signals, Meter& meter) {
  std::string piece;
  for (bool more = true; more;) {
    piece.clear();
    TALLY_TRY(more, source.walk.next(source.lines, source.tree, kStep, piece));
    TALLY_TRY_VOID(output.write(piece));
    meter(source.walk);
    if (more && signals != nullptr && signals->stopped()) return fail(Errc::closed, "interrupted");
  }
  return output.finish();
}

Result<std::unique_ptr<ExportOutput>> open_output(Invocation& call, const Flags& flags) {
  if (flags.file.empty()) return output_to_console(call.console);
  return output_to_file(call.fs, flags.file);
}

tl::unexpected<Error> incomplete(const Flags& flags, const Error& why) {
  return fail(why.code, why.detail + "; the export is not complete" +
                            (flags.file.empty() ? "" : ", " + flags.file + " was not written"));
}

Result<void> run_here(Invocation& call, const Flags& flags, const sink::Format& format,
                      StopSignals* signals) {
  // Whatever is wrong with the request is known before there is a file.
  TALLY_TRY(Source source, open_log(call, flags, format));
  TALLY_TRY(const auto output, open_output(call, flags));
  Meter meter(call, flags);
  const auto done = copy(source, *output, signals, meter);
  call.console.clear_progress();
  if (!done) return incomplete(flags, done.error());
  const std::string entries = counted(source.walk.entries(), "entry", "entries");
  if (source.walk.entries() == 0) {
    call.console.error(call.command, "no entry matches");
  } else if (!flags.file.empty() && call.console.errors_are_shown()) {
    call.console.note(entries + " in " + flags.file);
  }
  return {};
}

Result<void> run_there(Invocation& call, const Flags& flags, const sink::Format& format,
                       StopSignals* signals) {
  const auto done = export_from_server(call, flags.remote, flags.wanted,
                                       {format.name, [&] { return open_output(call, flags); },
                                        signals, progress_shown(call, flags)});
  call.console.clear_progress();
  if (!done) return incomplete(flags, done.error());
  if (!flags.file.empty() && call.console.errors_are_shown())
    call.console.note(counted(*done, "byte", "bytes") + " in " + flags.file);
  return {};
}

Result<void> run(Invocation& call, const Flags& flags, StopSignals* signals) {
  const sink::Format* const format = sink::find_format(flags.format);
  if (format == nullptr) {
    return fail(Errc::invalid_argument,
                "--format: must be " + sink::format_names_text() +
                    (flags.format.empty() ? "" : ", not \"" + flags.format + "\""));
  }
  TALLY_TRY_VOID(flags.remote.check({{"--log", !flags.log.directory.empty()},
                                     {"--keys", !flags.log.keys.empty()},
                                     {"--no-index", flags.no_index}}));
  return flags.remote.wanted() ? run_there(call, flags, *format, signals)
                               : run_here(call, flags, *format, signals);
}

}  // namespace

int export_command(Invocation& call) {
  Flags flags;
  OptionSet options = options_of(flags);
  if (const auto ended = take_flags(options, call)) return *ended;
  if (flags.formats) {
    call.console.print(sink::formats_markdown());
    return kOk;
  }
  // A write to a pipe that nobody empties can only be ended by a signal; one to a file goes on.
  std::optional<StopSignals> signals;
  if (!flags.file.empty()) {
    auto made = StopSignals::make();
    if (!made) return call.refuse(made.error());
    signals.emplace(std::move(*made));
  }
  const auto done = run(call, flags, signals ? &*signals : nullptr);
  if (done) return kOk;
  const int status = call.refuse(done.error());
  const auto signal = signals ? signals->stopped() : std::nullopt;
  return signal ? kSignalBase + *signal : status;
}

}  // namespace tally::cli
