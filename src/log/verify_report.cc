// SPDX-License-Identifier: Apache-2.0
#include "log/verify_report.h"

#include "base/check.h"

#include <algorithm>
#include <limits>

namespace tally::log {

std::string_view problem_name(ProblemKind kind) {
  switch (kind) {
    case ProblemKind::entry_altered: return "entry-altered";
    case ProblemKind::entry_missing: return "entry-missing";
    case ProblemKind::entry_order: return "entry-order";
    case ProblemKind::tree: return "tree";
    case ProblemKind::head: return "head";
    case ProblemKind::root: return "root";
    case ProblemKind::checkpoint: return "checkpoint";
    case ProblemKind::outside_checkpoint: return "outside-checkpoint";
    case ProblemKind::key: return "key";
    case ProblemKind::file: return "file";
  }
  check_failed("ProblemKind out of range", __FILE__, __LINE__);
}

std::string_view trust_name(Trust trust) {
  switch (trust) {
    case Trust::given: return "given";
    case Trust::pinned: return "pinned";
    case Trust::self: return "self";
  }
  check_failed("Trust out of range", __FILE__, __LINE__);
}

EntrySpan EntrySpan::both(const EntrySpan& other) const {
  const std::uint64_t begin = std::max(first, other.first);
  return {begin, std::max(begin, std::min(end, other.end))};
}

void ProblemList::add(Problem problem) {
  const bool of_entries =
      problem.kind == ProblemKind::entry_altered || problem.kind == ProblemKind::entry_missing ||
      problem.kind == ProblemKind::entry_order || problem.kind == ProblemKind::tree;
  if (problem.seq && of_entries) {
    const EntrySpan about =
        span_.both({*problem.seq, problem.end ? *problem.end : *problem.seq + 1});
    if (about.size() == 0) return;
    problem.seq = about.first;
    if (problem.end) problem.end = about.end;
  }
  if (problem.kind != ProblemKind::entry_altered) ++breaks_;
  if (problems_.size() < kProblemsMax) {
    problems_.push_back(std::move(problem));
  } else {
    ++left_out_;
  }
}

void ProblemList::leave_out(std::uint64_t problems, bool breaks) {
  left_out_ += problems;
  if (breaks) breaks_ += problems;
}

void ProblemList::move_to(VerifyReport& report) {
  std::ranges::stable_sort(problems_, {}, [](const Problem& p) {
    return p.seq.value_or(std::numeric_limits<std::uint64_t>::max());
  });
  report.problems = std::move(problems_);
  report.problems_left_out = left_out_;
  report.breaks = breaks_;
}

}  // namespace tally::log
