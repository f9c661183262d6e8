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

void ProblemList::add(Problem problem) {
  if (problems_.size() < kProblemsMax) {
    problems_.push_back(std::move(problem));
  } else {
    ++left_out_;
  }
}

void ProblemList::move_to(VerifyReport& report) {
  std::ranges::stable_sort(problems_, {}, [](const Problem& p) {
    return p.seq.value_or(std::numeric_limits<std::uint64_t>::max());
  });
  report.problems = std::move(problems_);
  report.problems_left_out = left_out_;
}

}  // namespace tally::log
