// SPDX-License-Identifier: Apache-2.0
#include "server/integrity_check.h"

#include "base/json_writer.h"
#include "base/limits.h"

#include <algorithm>
#include <cstdio>
#include <sys/resource.h>
#include <thread>

namespace tally::server {
namespace {

using log::Problem;
using log::ProblemKind;

/// A stop is noticed within this while resting.
constexpr std::chrono::microseconds kRestMax{50'000};

/// "99.9999", rounded down: nothing but a whole log is 100.
std::string percentage(std::uint64_t valid, std::uint64_t total) {
  if (valid >= total) return "100";
  constexpr unsigned kScale = 10'000;
  __extension__ using Wide = unsigned __int128;
  const auto parts = static_cast<unsigned>(Wide{valid} * 100 * kScale / total);
  std::array<char, 16> text;
  const int size =
      std::snprintf(text.data(), text.size(), "%u.%04u", parts / kScale, parts % kScale);
  return {text.data(), static_cast<std::size_t>(size)};
}

void append_problem(std::string& out, const Problem& problem, std::string_view directory) {
  if (!out.ends_with('[')) out += ',';
  json::ObjectWriter one(out);
  if (problem.seq) {
    one.number("seq", *problem.seq);
  } else {
    one.null("seq");
  }
  if (problem.end) one.number("end_seq", *problem.end);
  one.string("kind", log::problem_name(problem.kind));
  one.string("detail", without_directory(problem.detail, directory));
  one.end();
}

void write_checkpoint(json::ObjectWriter& all, const log::VerifyReport& report) {
  if (report.signed_root_base64.empty()) {
    all.null("checkpoint");
    return;
  }
  all.key("checkpoint");
  json::ObjectWriter checkpoint(all.out());
  checkpoint.number("size", report.signed_size);
  checkpoint.string("root", report.signed_root_base64);
  checkpoint.string("origin", report.origin);
  checkpoint.end();
}

/// Entries that are not what was committed, each once; how many of them the list names.
std::uint64_t append_invalid(std::string& out, const log::VerifyReport& report,
                             std::string_view directory) {
  std::uint64_t named = 0;
  std::size_t listed = 0;
  std::optional<std::uint64_t> last;
  for (const Problem& problem : report.problems) {
    const bool altered = problem.kind == ProblemKind::entry_altered;
    if (!altered && problem.kind != ProblemKind::entry_missing) continue;
    if (altered && problem.seq == last) continue;
    if (listed++ >= kIntegrityListMax) break;
    last = problem.seq;
    named += problem.end ? *problem.end - *problem.seq : 1;
    append_problem(out, problem, directory);
  }
  return named;
}

std::uint64_t append_breaks(std::string& out, const log::VerifyReport& report,
                            std::string_view directory) {
  std::uint64_t listed = 0;
  for (const Problem& problem : report.problems) {
    if (problem.kind == ProblemKind::entry_altered) continue;
    if (listed >= kIntegrityListMax) break;
    ++listed;
    append_problem(out, problem, directory);
  }
  return listed;
}

}  // namespace

std::string without_directory(std::string text, std::string_view directory) {
  const std::string prefix = std::string(directory) + '/';
  for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at)) {
    text.erase(at, prefix.size());
  }
  return text;
}

std::chrono::microseconds rest_after(std::uint64_t bytes, std::chrono::microseconds elapsed,
                                     std::uint64_t bytes_per_second) {
  if (bytes_per_second == 0) return {};
  const auto due = std::chrono::microseconds(static_cast<std::int64_t>(
      static_cast<double>(bytes) * 1e6 / static_cast<double>(bytes_per_second)));
  return std::max(due - elapsed, std::chrono::microseconds(0));
}

Result<log::VerifyReport> run_check(const CheckedLog& log,
                                    const std::optional<log::EntrySpan>& span,
                                    std::uint64_t bytes_per_second, CheckProgress& progress) {
  // Of this thread (sched(7)). Recording goes first.
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, kIntegrityNice));
  log::VerifyOptions options;
  options.key = log.key;
  options.keys_path = log.keys_folder;
  options.span = span;
  options.threads = 1;
  options.stop = &progress.stop;
  const MonoTime begin = log.clock.mono();
  options.progress = [&](std::uint64_t done, std::uint64_t total) {
    progress.bytes_done = done;
    progress.bytes_total = total;
    if (progress.unwanted && progress.unwanted()) progress.stop = true;
    while (!progress.stop) {
      const auto elapsed =
          std::chrono::duration_cast<std::chrono::microseconds>(log.clock.mono() - begin);
      const auto rest = rest_after(done, elapsed, bytes_per_second);
      if (rest.count() == 0) return;
      std::this_thread::sleep_for(std::min(rest, kRestMax));
    }
  };
  return log::verify_log(log.fs, log.directory, options, log::process_environment());
}

std::string integrity_json(const log::VerifyReport& report, std::string_view directory) {
  const std::uint64_t total = report.span.size();
  const std::uint64_t invalid = std::min(report.entries_altered + report.entries_missing, total);
  const std::uint64_t signed_end =
      std::clamp(report.signed_size, report.span.first, report.span.end);
  std::string out;
  json::ObjectWriter all(out);
  all.number("total_logs", total);
  all.number("valid_logs", total - invalid);
  all.number("invalid_logs", invalid);
  all.number("chain_breaks", report.breaks);
  all.raw("integrity_percentage", percentage(total - invalid, total));
  all.key("invalid_entries");
  out += '[';
  const std::uint64_t named = append_invalid(out, report, directory);
  out += ']';
  all.number("invalid_entries_left_out", invalid - std::min(invalid, named));
  all.key("chain_break_points");
  out += '[';
  const std::uint64_t listed = append_breaks(out, report, directory);
  out += ']';
  all.number("chain_break_points_left_out", report.breaks - std::min(report.breaks, listed));
  all.key("range");
  json::ObjectWriter range(out);
  range.number("start_seq", report.span.first);
  range.number("end_seq", report.span.end);
  range.end();
  all.number("unsigned", report.span.end - signed_end);
  write_checkpoint(all, report);
  all.key("head");
  json::ObjectWriter head(out);
  head.number("size", report.size);
  head.string("root", report.root_base64);
  head.end();
  all.end();
  return out;
}

}  // namespace tally::server
