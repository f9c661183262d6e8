// SPDX-License-Identifier: Apache-2.0
// tallystick append: events from a file or standard input into the log, checked and durable.
#include "base/encoding.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "cli/append_batches.h"
#include "cli/append_dialect.h"
#include "cli/append_input.h"
#include "cli/command.h"
#include "cli/line_input.h"
#include "cli/log_access.h"
#include "cli/option_set.h"
#include "cli/stop_signals.h"
#include "config/load.h"
#include "event/ingest.h"
#include "redact/redact.h"

namespace tally::cli {
namespace {

struct Flags {
  LogFlags log;
  std::string format = "events";
  bool strict = false;
  bool json = false;
  std::vector<std::string> files;
};

OptionSet options_of(Flags& flags) {
  OptionSet options("append", "[FLAGS] [FILE]",
                    "Appends events, one JSON object a line (NDJSON), from FILE or standard input. "
                    "Each is\nchecked, completed and stripped of secrets; a bad line is reported "
                    "and left out, and the\nstatus is 2 at the end. When it returns, what was "
                    "appended is on disk and signed.");
  flags.log.declare(options);
  flags.log.declare_keys(options);
  flags.log.declare_creation(options);
  flags.log.declare_writing(options);
  options.text("--format", flags.format, "FORMAT",
               "events: one JSON object a line (default)\nbackstage: audit events or log lines of "
               "Backstage or Janus;\n  other lines of the log are counted and left out\n"
               "otlp: OpenTelemetry logs, one request in JSON a line, as the\n  Collector's file "
               "exporter writes them");
  options.flag("--strict", flags.strict, "stop at the first bad line; those before it are kept");
  options.flag("--json", flags.json,
               "print the result as JSON: appended, refused, size, root, ignored");
  options.words(flags.files, 1);
  options.footer(
      "A line needs event_name, or event_type and event_action; the rest has defaults:\n"
      "  echo '{\"event_name\":\"auth-login\",\"actor_id\":\"alice\"}' | tallystick append\n"
      "  kubectl logs deploy/backstage --timestamps | tallystick append --format backstage");
  return options;
}

struct Outcome {
  std::uint64_t appended = 0;
  std::uint64_t refused = 0;
  std::uint64_t ignored = 0;
  std::vector<LostLines> lost;
  std::optional<merkle::VerifiedCheckpoint> checkpoint;
  bool failed = false;
};

void print_json(Console& console, const Outcome& outcome) {
  std::string out;
  json::ObjectWriter writer(out);
  writer.number("appended", outcome.appended);
  writer.number("refused", outcome.refused);
  if (outcome.checkpoint) {
    writer.number("size", outcome.checkpoint->size().value());
    writer.string("root", to_base64(outcome.checkpoint->root().bytes()));
  }
  writer.number("ignored", outcome.ignored);
  if (!outcome.lost.empty()) {
    writer.key("lost");
    char separator = '[';
    for (const LostLines& lost : outcome.lost) {
      out += separator;
      separator = ',';
      json::ObjectWriter one(out);
      one.number("first_line", lost.first);
      one.number("last_line", lost.last);
      one.string("error", lost.why.detail);
      one.end();
    }
    out += ']';
  }
  writer.end();
  console.print(out + "\n");
}

void print_text(Console& console, const Outcome& outcome) {
  std::string out = "appended " + counted(outcome.appended, "event", "events");
  if (outcome.refused != 0) out += ", refused " + counted(outcome.refused, "line", "lines");
  if (outcome.ignored != 0) {
    out += ", left out " + counted(outcome.ignored, "line", "lines") + " without events";
  }
  if (outcome.checkpoint) {
    out += "; the log has " + counted(outcome.checkpoint->size().value(), "entry", "entries") +
           ", signed with root " + to_base64(outcome.checkpoint->root().bytes());
  }
  console.print(out + "\n");
}

void tell_lost(Invocation& call, const LineInput& input, const Outcome& outcome) {
  for (const LostLines& lost : outcome.lost) {
    call.refuse(lost.why.detail + "; lines " + std::to_string(lost.first) + " to " +
                std::to_string(lost.last) + " of " + input.name() + " are not in the log");
  }
  if (outcome.lost.empty()) return;
  const std::uint64_t next = outcome.lost.back().last + 1;
  call.refuse("stopped there: nothing from line " + std::to_string(next) +
              " on was appended either");
}

/// Reads, appends, signs. What goes wrong on the way is told at once and noted in the outcome.
Outcome append_all(Invocation& call, const Flags& flags, const config::LogConfig& settings,
                   dialect::Dialect form, LineInput& input, WritableLog& log) {
  Outcome outcome;
  const auto note = [&](const Error& error) {
    outcome.failed = true;
    call.refuse(error);
  };
  const redact::KeyedDigest digest(log.keys->digest_key);
  const redact::IngestFilter filter(&digest);
  UuidSource uuids(call.clock, call.random);
  event::IngestOptions rules;
  rules.instance = log.instance;
  rules.filter = &filter;
  LineCrew crew(line_helpers(), [&] {
    auto ingest = std::make_shared<event::Ingest>(call.clock, uuids, rules);
    return form == dialect::Dialect::events ? ingest_worker(std::move(ingest))
                                            : dialect_worker(form, std::move(ingest));
  });

  AppendBatches batches(*log.writer, settings.batch_size);
  AppendInput lines(
      call, input, crew, batches,
      {.strict = flags.strict,
       .bytes_max = form == dialect::Dialect::events ? kEntryBytesMax : kInputBlockBytes});
  if (const auto read = lines.run(); !read) note(read.error());
  batches.finish();
  outcome.appended = batches.appended();
  outcome.refused = lines.refused();
  outcome.ignored = lines.ignored();
  outcome.lost = batches.lost();
  tell_lost(call, input, outcome);

  if (const auto told = report_recovery(call, log); !told) note(told.error());
  if (auto checkpoint = log.writer->checkpoint()) {
    outcome.checkpoint = std::move(*checkpoint);
  } else {
    note(checkpoint.error());
  }
  if (const auto closed = log.writer->close(); !closed) note(closed.error());
  outcome.failed = outcome.failed || !outcome.lost.empty() || outcome.refused != 0;
  return outcome;
}

Result<Outcome> run(Invocation& call, const Flags& flags, StopSignals& signals) {
  TALLY_TRY(const config::LogConfig settings, config::load_log_config(call.environment));
  if (!settings.enabled) {
    return fail(Errc::unsupported, "AUDIT_LOG_ENABLED: is false; unset it to append events");
  }
  const auto form = dialect::dialect_of(flags.format);
  if (!form) {
    return fail(Errc::invalid_argument, "--format: must be events, backstage or otlp");
  }
  // The input first: a mistyped name must not leave a new log behind.
  TALLY_TRY(auto input, LineInput::open(flags.files.empty() ? "-" : flags.files[0], signals));
  TALLY_TRY(auto log, open_to_write(call, flags.log, settings, IfMissing::create));
  if (input.is_terminal()) {
    call.console.note("tallystick: type events, one JSON object a line; Ctrl-D ends");
  }
  return append_all(call, flags, settings, *form, input, log);
}

}  // namespace

int append_command(Invocation& call) {
  Flags flags;
  OptionSet options = options_of(flags);
  if (const auto ended = take_flags(options, call)) return *ended;
  auto signals = StopSignals::make();
  if (!signals) return call.refuse(signals.error());
  const auto outcome = run(call, flags, *signals);
  if (!outcome) return call.refuse(outcome.error());
  if (flags.json) {
    print_json(call.console, *outcome);
  } else {
    print_text(call.console, *outcome);
  }
  if (outcome->failed) return kUnusable;
  if (const auto signal = signals->stopped()) return kSignalBase + *signal;
  return kOk;
}

}  // namespace tally::cli
