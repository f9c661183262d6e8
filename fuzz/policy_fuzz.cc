// SPDX-License-Identifier: Apache-2.0
// Policy files of any content: whatever is read decides about every interaction, and what is
// refused says where.
#include "base/check.h"
#include "policy/explain.h"
#include "policy/policy_file.h"

#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tally::policy;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = check_policy(text, "f");
  if (!read) {
    TALLY_CHECK(read.error().detail.starts_with("f:"));
    return 0;
  }
  bool errors = false;
  for (const auto& problem : read->problems) {
    errors = errors || problem.severity == tally::yaml::Severity::error;
    TALLY_CHECK(problem.mark.line >= 1 && problem.mark.column >= 1);
  }
  const auto policy = parse_policy(text, "f");
  TALLY_CHECK(policy.has_value() == !errors);
  if (errors) return 0;
  for (const std::string_view method : {"tools/call", "ping", ""}) {
    for (const bool ambiguous : {false, true}) {
      Interaction i;
      i.method = method;
      i.tool = method == "tools/call" ? "write" : "";
      i.server = "files";
      i.ambiguous = ambiguous;
      i.unparsed = method.empty();
      const Decision decision = policy->decide(i);
      const Explanation explanation = explain(*policy, i);
      TALLY_CHECK(explanation.decision.rule == decision.rule);
      TALLY_CHECK(explanation.tried.back().unmet.empty());
      // A rule that does not speak of such messages never lets them pass unrecorded.
      const bool spoken = text.find("ambiguous") != text.npos || text.find("unparsed") != text.npos;
      TALLY_CHECK(spoken || !(i.ambiguous || i.unparsed) || text.find('\\') != text.npos ||
                  decision.write_ahead());
    }
  }
  return 0;
}
