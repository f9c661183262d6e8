// SPDX-License-Identifier: Apache-2.0
#include "cli/verify_print.h"

#include "base/check.h"
#include "base/json_writer.h"
#include "cli/console.h"
#include "index/table.h"

#include <algorithm>
#include <cstdio>

namespace tally::cli {
namespace {

std::string line(std::string_view label, std::string_view text) {
  std::string out(label);
  out.append(label.size() < 10 ? 10 - label.size() : 1, ' ');
  return out + index::visible(text) + "\n";
}

std::string_view trust_words(log::Trust trust) {
  switch (trust) {
    case log::Trust::given: return "key: as given";
    case log::Trust::pinned: return "key: pinned in the private folder";
    case log::Trust::self: return "key: from the log itself, not checked";
  }
  check_failed("Trust out of range", __FILE__, __LINE__);
}

std::string sizes(const log::VerifyReport& report) {
  std::string out = grouped(report.size) + " committed, " + grouped(report.signed_size) + " signed";
  if (report.size > report.signed_size) {
    out += "; the last " + grouped(report.size - report.signed_size) + " not yet (no failure)";
  }
  return out;
}

std::string checked(const VerifySummary& summary) {
  const log::VerifyReport& report = summary.report;
  const double seconds = std::max(static_cast<double>(summary.took.count()) / 1e6, 1e-6);
  char time[32];
  std::snprintf(time, sizeof time, "%.2f s", seconds);
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(report.bytes) / seconds);
  return bytes_text(report.bytes) + " of entries, their tree, " +
         counted(report.checkpoints_checked, "checkpoint", "checkpoints") + " and " +
         grouped(report.outside_checked) + " from elsewhere, in " + time + " (" + bytes_text(rate) +
         "/s)";
}

std::string place(const log::Problem& problem) {
  if (!problem.seq) return {};
  if (!problem.end || *problem.end <= *problem.seq + 1) {
    return "entry " + std::to_string(*problem.seq) + ": ";
  }
  return "entries " + std::to_string(*problem.seq) + " to " + std::to_string(*problem.end - 1) +
         ": ";
}

std::string problems_text(const log::VerifyReport& report) {
  std::string out;
  for (const log::Problem& problem : report.problems) {
    out += line("problem", std::string(log::problem_name(problem.kind)) + ": " + place(problem) +
                               problem.detail);
  }
  if (report.problems_left_out != 0) {
    out += line("problem", "and " + grouped(report.problems_left_out) + " more");
  }
  return out;
}

/// Entries that were asked for, when not all of them were.
std::string range_words(const VerifySummary& summary) {
  const log::EntrySpan& span = summary.report.span;
  if (span.size() == 0) {
    return summary.named_by_server ? "the server named no signed entry of this time"
                                   : "no entry is of this time";
  }
  return "entries " + std::to_string(span.first) + " to " + std::to_string(span.end - 1) + " (" +
         grouped(span.size()) +
         (summary.named_by_server ? "), which the server named for this time"
                                  : "), the first to the last one of this time");
}

/// As verdict(), of a range that is fine.
std::string range_verdict(const VerifySummary& summary) {
  const log::VerifyReport& report = summary.report;
  if (!passed(summary)) return "nothing was checked: no entry to check, so nothing is proved\n";
  const std::uint64_t signed_end =
      std::clamp(report.signed_size, report.span.first, report.span.end);
  std::string out = "ok: every entry of the range is there, in order and unchanged\n";
  if (signed_end != report.span.end && !report.head_authenticated) {
    out = "ok: nothing is wrong, but the last " +
          counted(report.span.end - signed_end, "entry is", "entries are") +
          " not signed, and the key that protects\nentries until they are is not here\n";
  }
  return out +
         "Not checked: the rest of the log, and whether entries of this time stand elsewhere "
         "in it" +
         (summary.named_by_server ? ": which ones\nare of it, the server said.\n" : ".\n");
}

std::string verdict(const log::VerifyReport& report) {
  if (!report.ok()) {
    return "NOT ok: " +
           counted(report.problems.size() + report.problems_left_out, "problem", "problems") +
           " in " + counted(report.size, "entry", "entries") + "\n";
  }
  std::string out = "ok: every entry is there, in order and unchanged\n";
  if (report.unprotected() != 0) {
    const std::string last = counted(report.unprotected(), "entry", "entries");
    out = report.signed_size == 0
              ? "no problem found, but nothing is proved: no entry is signed"
              : "ok: the first " + counted(report.signed_size, "entry is", "entries are") +
                    " there, in order and unchanged; the last " + last + " not signed";
    out +=
        ", and the key that protects entries\nuntil they are signed is not here: whoever can write "
        "the files can have changed them, and taken\nnewer checkpoints away. Verify where the key "
        "is, or against a checkpoint kept elsewhere.\n";
  }
  if (report.outside_checked == 0) {
    out +=
        "Not checked: whether an older copy of the whole log was put back, or all of it was "
        "rewritten by\nwho has the key. Only a checkpoint kept elsewhere shows that: "
        "tallystick verify --against FILE\n";
  }
  return out;
}

void write_problems(json::ObjectWriter& writer, const log::VerifyReport& report) {
  writer.key("problems");
  std::string& out = writer.out();
  out += '[';
  bool first = true;
  for (const log::Problem& problem : report.problems) {
    if (!std::exchange(first, false)) out += ',';
    json::ObjectWriter one(out);
    one.string("kind", log::problem_name(problem.kind));
    if (problem.seq) one.number("seq", *problem.seq);
    if (problem.end) one.number("end", *problem.end);
    one.string("detail", problem.detail);
    one.end();
  }
  out += ']';
}

}  // namespace

bool passed(const VerifySummary& summary) {
  return summary.report.ok() && !(summary.of_range && summary.report.span.size() == 0);
}

std::string verify_text(const VerifySummary& summary) {
  const log::VerifyReport& report = summary.report;
  std::string out = line("log", summary.directory + " (" + report.origin + ")");
  out += line("entries", sizes(report));
  if (summary.of_range) out += line("range", range_words(summary));
  out += line("root", report.root_base64);
  out += line("trust", std::string(trust_words(report.trust)) + " (" + report.key + ")");
  if (!report.head_authenticated) {
    out += line("trust",
                "head: not authenticated, its key is not here; entries behind the last "
                "checkpoint are not protected");
  }
  out += line("checked", checked(summary));
  for (const std::string& note : report.notes) out += line("note", note);
  const bool ok_range = summary.of_range && report.ok();
  return out + problems_text(report) + (ok_range ? range_verdict(summary) : verdict(report));
}

std::string verify_json(const VerifySummary& summary) {
  const log::VerifyReport& report = summary.report;
  std::string out;
  json::ObjectWriter writer(out);
  writer.boolean("ok", passed(summary));
  writer.number("size", report.size);
  writer.number("signed_size", report.signed_size);
  if (summary.of_range) {
    writer.key("range");
    json::ObjectWriter range(out);
    range.number("start_seq", report.span.first);
    range.number("end_seq", report.span.end);
    range.end();
  }
  writer.number("unprotected", report.unprotected());
  writer.string("root", report.root_base64);
  writer.string("origin", report.origin);
  writer.string("trust", log::trust_name(report.trust));
  writer.string("key", report.key);
  writer.boolean("head_authenticated", report.head_authenticated);
  writer.number("checkpoints", report.checkpoints_checked);
  writer.number("outside", report.outside_checked);
  writer.number("bytes", report.bytes);
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.6f", static_cast<double>(summary.took.count()) / 1e6);
  writer.raw("seconds", seconds);
  write_problems(writer, report);
  if (report.problems_left_out != 0) writer.number("problems_left_out", report.problems_left_out);
  writer.key("notes");
  out += '[';
  for (const std::string& note : report.notes) {
    if (!out.ends_with('[')) out += ',';
    json::append_string(out, note);
  }
  out += ']';
  writer.end();
  return out + "\n";
}

}  // namespace tally::cli
