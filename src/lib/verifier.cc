// SPDX-License-Identifier: Apache-2.0
#include "tallystick/verifier.h"

#include "base/check.h"
#include "lib/convert.h"
#include "log/verifier.h"

#include <utility>

namespace tallystick {
namespace {

namespace log = tally::log;

Trust public_trust(log::Trust trust) {
  switch (trust) {
    case log::Trust::given: return Trust::given;
    case log::Trust::pinned: return Trust::pinned;
    case log::Trust::self: return Trust::self;
  }
  tally::check_failed("Trust out of range", __FILE__, __LINE__);
}

VerifyReport public_report(log::VerifyReport from) {
  VerifyReport to;
  to.problems.reserve(from.problems.size());
  for (log::Problem& problem : from.problems) {
    to.problems.push_back({std::string(log::problem_name(problem.kind)), problem.seq, problem.end,
                           std::move(problem.detail)});
  }
  to.problems_left_out = from.problems_left_out;
  to.size = from.size;
  to.signed_size = from.signed_size;
  to.unprotected = from.unprotected();
  to.bytes = from.bytes;
  to.root = std::move(from.root_base64);
  to.origin = std::move(from.origin);
  to.key = std::move(from.key);
  to.trust = public_trust(from.trust);
  to.head_authenticated = from.head_authenticated;
  to.checkpoints_checked = from.checkpoints_checked;
  to.outside_checked = from.outside_checked;
  to.notes = std::move(from.notes);
  return to;
}

tally::Result<VerifyReport> check(const std::string& directory, const VerifyOptions& options) {
  log::VerifyOptions ours;
  if (!options.key.empty()) {
    TALLY_TRY(ours.key, tally::with_context(tally::crypto::NoteVerifier::parse(options.key),
                                            "VerifyOptions::key"));
  }
  ours.keys_path = options.keys;
  for (const OutsideCheckpoint& one : options.against) ours.against.push_back({one.name, one.note});
  ours.threads = options.threads;
  ours.progress = options.progress;
  TALLY_TRY(auto report, log::verify_log(tally::storage::posix_file_system(), directory, ours,
                                         log::process_environment()));
  return public_report(std::move(report));
}

}  // namespace

Result<VerifyReport> verify(const std::string& directory, const VerifyOptions& options) {
  return tally::lib::public_result(check(directory, options));
}

}  // namespace tallystick
