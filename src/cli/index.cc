// SPDX-License-Identifier: Apache-2.0
// tallystick index: makes the index of a log anew, or tells how it stands.
#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/log_access.h"
#include "cli/option_set.h"
#include "index/sqlite/sqlite_index.h"
#include "log/reader.h"

namespace tally::cli {
namespace {

struct Flags {
  LogFlags log;
  bool json = false;
  std::vector<std::string> words;
};

OptionSet options_of(Flags& flags) {
  OptionSet options("index", "[FLAGS] rebuild|status",
                    "Makes the index of a log anew, or tells how it stands. The index lies in "
                    "LOG/index/;\nit is made from the log, speeds up queries, and may be deleted "
                    "at any time.");
  flags.log.declare(options);
  options.flag("--json", flags.json, "for programs");
  options.words(flags.words, 1);
  options.footer(
      "rebuild refuses while tallystick serve keeps the index. What is stored comes in files of\n"
      "131,072 entries; the newest ones are not stored, and read from the log when they are asked "
      "for.");
  return options;
}

void tell(Invocation& call, const index::IndexStatus& status, std::uint64_t entries, bool json) {
  if (json) {
    std::string out = "{\"engine\":";
    json::append_string(out, status.engine);
    out += ",\"entries\":" + std::to_string(entries) +
           ",\"stored\":" + std::to_string(status.stored) +
           ",\"files\":" + std::to_string(status.partitions) +
           ",\"bytes\":" + std::to_string(status.bytes) + ",\"problem\":";
    if (status.problem.empty()) {
      out += "null";
    } else {
      json::append_string(out, status.problem);
    }
    call.console.print(out + "}\n");
    return;
  }
  call.console.print(grouped(status.stored) + " of " + counted(entries, "entry", "entries") +
                     " stored in " + counted(status.partitions, "file", "files") + " (" +
                     bytes_text(status.bytes) + ")\n");
  if (!status.problem.empty()) call.console.error(call.command, status.problem);
}

Result<int> show_status(Invocation& call, const Flags& flags, const std::string& directory) {
  TALLY_TRY(auto reader, log::Reader::open(call.fs, directory));
  TALLY_TRY(const log::Head head, reader.head());
  index::sqlite::OpenOptions options;
  options.access = index::sqlite::Access::read;
  options.on_problem = [&](const std::string& what) { call.console.error(call.command, what); };
  TALLY_TRY(const auto opened, index::sqlite::open(call.fs, directory, options));
  tell(call, opened->status(), head.size.value(), flags.json);
  return kOk;
}

Result<int> rebuild(Invocation& call, const Flags& flags, const std::string& directory) {
  // Not a log: nothing is made beside it.
  TALLY_TRY(const auto reader, log::Reader::open(call.fs, directory));
  TALLY_TRY_VOID(index::sqlite::remove_stored(call.fs, directory));
  TALLY_TRY(const auto opened, index::sqlite::open(call.fs, directory));
  TALLY_TRY(auto follower, follow::Follower::open(call.fs, directory, opened->cursor()));
  TALLY_TRY(const std::uint64_t all, follower.lag());
  for (;;) {
    TALLY_TRY(const auto batch, follower.next({}, std::chrono::milliseconds(0)));
    if (batch->lines.empty()) break;
    TALLY_TRY_VOID(opened->apply(*batch));
    const std::uint64_t done = batch->after.next.value();
    if (call.console.errors_are_shown()) {
      call.console.progress("indexed " + grouped(done) + " of " + grouped(std::max(all, done)));
    }
  }
  call.console.clear_progress();
  const index::IndexStatus status = opened->status();
  tell(call, status, status.size, flags.json);
  return status.problem.empty() ? kOk : kUnusable;
}

}  // namespace

int index_command(Invocation& call) {
  Flags flags;
  OptionSet options = options_of(flags);
  if (const auto ended = take_flags(options, call)) return *ended;
  const bool known = flags.words == std::vector<std::string>{"rebuild"} ||
                     flags.words == std::vector<std::string>{"status"};
  if (!known) return call.refuse("say rebuild or status; see tallystick index --help");
  const auto directory = log_directory(flags.log, call.environment);
  if (!directory) return call.refuse(directory.error());
  const auto status = flags.words[0] == "rebuild" ? rebuild(call, flags, *directory)
                                                  : show_status(call, flags, *directory);
  return status ? *status : call.refuse(status.error());
}

}  // namespace tally::cli
