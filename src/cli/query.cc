// SPDX-License-Identifier: Apache-2.0
// tallystick query: the entries that an expression describes, newest first, as the scan finds them.
#include "cli/command.h"
#include "cli/entry_flags.h"
#include "cli/log_access.h"
#include "cli/option_set.h"
#include "cli/query_index.h"
#include "cli/query_remote.h"
#include "index/dangling.h"
#include "index/expression.h"
#include "index/judged_matcher.h"
#include "index/table.h"
#include "log/reader.h"

#include <algorithm>

namespace tally::cli {
namespace {

struct Flags {
  LogFlags log;
  RemoteFlags remote;
  EntryFlags wanted;
  std::string format;
  std::optional<std::uint64_t> limit;
  bool json = false;
  bool oldest_first = false;
  bool count = false;
  bool fail_if_none = false;
  bool no_index = false;
};

OptionSet options_of(Flags& flags) {
  OptionSet options("query", "[FLAGS] [EXPRESSION...]",
                    "Shows the entries that EXPRESSION describes, newest first; without one, all.");
  flags.log.declare(options);
  flags.log.declare_keys(options);
  flags.remote.declare(options);
  flags.wanted.declare(options);
  options.number("--limit", flags.limit, "N",
                 "at most N entries; default 100 for a table on a\nterminal, else all");
  options.text("--format", flags.format, "FORMAT", "table (default), json, ndjson or csv");
  options.flag("--json", flags.json, "the same as --format json");
  options.flag("--oldest-first", flags.oldest_first, "in the order of the log");
  options.flag("--reverse", flags.oldest_first, "the same");
  options.flag("--count", flags.count, "print only how many there are");
  options.flag("--fail-if-none", flags.fail_if_none, "status 1 when there is none");
  options.flag("--no-index", flags.no_index, "read every entry, although there is an index");
  options.footer(
      "An expression: key:value terms and free text. The same key twice means or, different keys\n"
      "mean and, - in front means not, * stands for anything, \"quotes\" hold words together:\n"
      "  tallystick query 'tool:write_* result:failure'\n"
      "  tallystick query 'actor:alice -severity:debug \"no such file\"' --from -1h\n"
      "  tallystick query 'severity>=warning seq:100..200' --format ndjson\n"
      "A call whose process ended without an outcome is pending in the log for ever. Here it is\n"
      "unknown: result:unknown finds it, table and csv show it so, and in json and csv a member\n"
      "\"reader\" says that it was judged. ndjson gives the entry's own bytes, the ones that are\n"
      "hashed and proved: there it stays pending.\n"
      "Keys:\n  " +
      expression_keys_text());
  return options;
}

/// What to look for, ready to be applied.
struct Plan {
  index::JudgedMatcher matcher;
  index::Format format;
  std::uint64_t limit;
  bool limit_given;
};

Result<index::Format> format_of(const Flags& flags) {
  if (flags.json && !flags.format.empty() && flags.format != "json") {
    return fail(Errc::invalid_argument, "--json: contradicts --format " + flags.format);
  }
  if (flags.json) return index::Format::json;
  if (flags.format.empty()) return index::Format::table;
  if (const auto format = index::format_from_text(flags.format)) return *format;
  return fail(Errc::invalid_argument,
              "--format: must be table, json, ndjson or csv, not \"" + flags.format + "\"");
}

Result<std::uint64_t> limit_of(Invocation& call, const Flags& flags, index::Format format) {
  if (flags.limit && *flags.limit == 0) {
    return fail(Errc::invalid_argument, "--limit: must be at least 1");
  }
  const bool for_reading =
      format == index::Format::table && call.console.output_is_terminal() && !flags.count;
  const std::uint64_t all = std::numeric_limits<std::uint64_t>::max();
  return flags.limit.value_or(for_reading ? kTerminalRows : all);
}

Result<Plan> plan_of(Invocation& call, const Flags& flags, const log::LogInfo& info) {
  TALLY_TRY(const auto format, format_of(flags));
  TALLY_TRY(auto expression, flags.wanted.parse(call, flags.log, info));
  TALLY_TRY(const std::uint64_t limit, limit_of(call, flags, format));
  return Plan{index::JudgedMatcher(expression), format, limit, flags.limit.has_value()};
}

class Query {
 public:
  Query(Invocation& call, const Flags& flags, const Plan& plan, index::Dangling dangling,
        std::optional<IndexedPart> indexed)
      : call_(call),
        flags_(flags),
        plan_(plan),
        dangling_(std::move(dangling)),
        indexed_(std::move(indexed)),
        printer_(plan.format, {.width = call.console.width(), .colour = call.console.colour()}) {}

  Result<std::uint64_t> run(log::Reader& reader, const log::Head& head) {
    const index::Range seqs = plan_.matcher.seq_range();
    const auto size = static_cast<std::int64_t>(head.size.value());
    const std::int64_t low = std::max<std::int64_t>(seqs.low, 0);
    const std::int64_t end = seqs.high < size ? seqs.high + 1 : size;
    if (!flags_.count) {
      printer_.begin(text_);
      print();
    }
    if (low < end) {
      TALLY_TRY_VOID(look(reader, head, low, end));
    }
    if (!flags_.count) printer_.end(text_);
    print();
    return found_;
  }

 private:
  /// Entries [low, end): those that the index knows from it, the others one by one.
  Result<void> look(log::Reader& reader, const log::Head& head, std::int64_t low,
                    std::int64_t end) {
    // The index counts by what the log says.
    const bool counts = indexed_ && flags_.count && !plan_.limit_given && !plan_.matcher.judges();
    const auto counted = counts ? indexed_->count() : std::nullopt;
    if (!indexed_ || (!counted && !indexed_->pays())) {
      return flags_.oldest_first ? scan_forward(reader, head, low, end)
                                 : scan_backward(reader, head, low, end);
    }
    const auto known = static_cast<std::int64_t>(indexed_->size());
    const std::int64_t rest = std::max(low, known);
    const auto last = static_cast<std::uint64_t>(flags_.oldest_first ? end - 1 : low);
    const auto from_index = [&]() -> Result<void> {
      if (counted) {
        found_ += *counted;
        return {};
      }
      return indexed_->each(flags_.oldest_first, [&](LeafIndex seq, std::string_view line) {
        more_ = take(seq, line, seq.value() == last);
        return more_;
      });
    };
    if (flags_.oldest_first) {
      TALLY_TRY_VOID(from_index());
      return more_ && rest < end ? scan_forward(reader, head, rest, end) : Result<void>();
    }
    if (rest < end) TALLY_TRY_VOID(scan_backward(reader, head, rest, end, last));
    return more_ ? from_index() : Result<void>();
  }

  Result<void> scan_forward(log::Reader& reader, const log::Head& head, std::int64_t low,
                            std::int64_t end) {
    const auto last = static_cast<std::uint64_t>(end) - 1;
    return reader.scan(
        head, LeafIndex{static_cast<std::uint64_t>(low)},
        [&](LeafIndex seq, std::string_view line) { return take(seq, line, seq.value() == last); });
  }

  Result<void> scan_backward(log::Reader& reader, const log::Head& head, std::int64_t low,
                             std::int64_t end) {
    return scan_backward(reader, head, low, end, static_cast<std::uint64_t>(low));
  }

  /// `last` is the last entry of the whole query; what lies below `low` comes from the index.
  Result<void> scan_backward(log::Reader& reader, const log::Head& head, std::int64_t low,
                             std::int64_t end, std::uint64_t last) {
    const auto first = static_cast<std::uint64_t>(low);
    return reader.scan_backward(head, TreeSize{static_cast<std::uint64_t>(end)},
                                [&](LeafIndex seq, std::string_view line) {
                                  more_ = take(seq, line, seq.value() == last);
                                  return more_ && seq.value() != first;
                                });
  }

  /// Whether to go on.
  bool take(LeafIndex seq, std::string_view line, bool last) {
    std::optional<bool> judgement;
    const auto dangles = [&] {
      if (!judgement) judgement = dangling_.dangles(seq, line);
      return *judgement;
    };
    if (plan_.matcher.matches(line, dangles)) {
      ++found_;
      if (!flags_.count) printer_.event(text_, line, judged() && dangles());
      print();
    }
    if (found_ < plan_.limit) return !last && call_.console.wanted();
    if (!last) tell_limit();
    return false;
  }

  /// Lines are what the log proves.
  [[nodiscard]] bool judged() const { return plan_.format != index::Format::ndjson; }

  /// No cap is silent.
  void tell_limit() {
    call_.console.flush();
    call_.console.note("tallystick: stopped after " + counted(found_, "entry", "entries") +
                       (plan_.limit_given ? " (--limit)" : " (--limit N for more)") + "; " +
                       (flags_.oldest_first ? "newer" : "older") + " ones were not looked at");
  }

  void print() {
    call_.console.print(text_);
    text_.clear();
  }

  Invocation& call_;
  const Flags& flags_;
  const Plan& plan_;
  index::Dangling dangling_;
  std::optional<IndexedPart> indexed_;
  bool more_ = true;  // whether more is wanted
  index::Printer printer_;
  std::string text_;
  std::uint64_t found_ = 0;
};

void print_count(Invocation& call, index::Format format, std::uint64_t found) {
  const std::string number = std::to_string(found);
  call.console.print(format == index::Format::table ? number + "\n"
                                                    : "{\"count\":" + number + "}\n");
}

Result<std::uint64_t> run_remote(Invocation& call, const Flags& flags) {
  TALLY_TRY(const auto format, format_of(flags));
  TALLY_TRY(const std::uint64_t limit, limit_of(call, flags, format));
  TALLY_TRY(const std::uint64_t found, query_server(call, flags.remote, flags.wanted,
                                                    {.format = format,
                                                     .limit = limit,
                                                     .limit_given = flags.limit.has_value(),
                                                     .oldest_first = flags.oldest_first,
                                                     .count = flags.count}));
  if (flags.count) print_count(call, format, found);
  return found;
}

Result<std::uint64_t> run(Invocation& call, const Flags& flags) {
  TALLY_TRY_VOID(flags.remote.check({{"--log", !flags.log.directory.empty()},
                                     {"--keys", !flags.log.keys.empty()},
                                     {"--no-index", flags.no_index}}));
  if (flags.remote.wanted()) return run_remote(call, flags);
  TALLY_TRY(const std::string directory, log_directory(flags.log, call.environment));
  TALLY_TRY(auto reader, log::Reader::open(call.fs, directory));
  TALLY_TRY(const Plan plan, plan_of(call, flags, reader.info()));
  TALLY_TRY(const log::Head head, reader.head());
  TALLY_TRY(auto second, log::Reader::open(call.fs, directory));
  auto indexed = flags.no_index
                     ? std::nullopt
                     : IndexedPart::open(call.fs, directory, head, plan.matcher.widened());
  Query query(call, flags, plan, index::Dangling(std::move(second), head), std::move(indexed));
  TALLY_TRY(const std::uint64_t found, query.run(reader, head));
  if (flags.count) print_count(call, plan.format, found);
  return found;
}

}  // namespace

int query_command(Invocation& call) {
  Flags flags;
  OptionSet options = options_of(flags);
  if (const auto ended = take_flags(options, call)) return *ended;
  const auto found = run(call, flags);
  if (!found) return call.refuse(found.error());
  if (*found != 0) return kOk;
  if (!flags.count) call.console.error(call.command, "no entry matches");
  return flags.fail_if_none ? kCheckFailed : kOk;
}

}  // namespace tally::cli
