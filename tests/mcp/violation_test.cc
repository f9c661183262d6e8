// SPDX-License-Identifier: Apache-2.0
#include "mcp/violation.h"

#include <gtest/gtest.h>

#include <set>

namespace tally::mcp {
namespace {

TEST(Violation, EveryKindHasItsOwnName) {
  std::set<std::string_view> names;
  int count = 0;
  for (int kind = 0; kind <= static_cast<int>(ViolationKind::uncanonical_tool); ++kind, ++count) {
    names.insert(violation_name(static_cast<ViolationKind>(kind)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(count));
  EXPECT_FALSE(names.contains(""));
}

TEST(Violation, TheListIsBoundedInEntriesAndBytes) {
  std::vector<Violation> list;
  const std::string long_key = std::string(127, 'k') + "\xC3\xA9";  // a character across the limit
  for (int i = 0; i < 100; ++i) add_violation(list, ViolationKind::duplicate_key, long_key);
  EXPECT_EQ(list.size(), kViolationsMax);
  EXPECT_EQ(list.front().where, std::string(127, 'k'));
}

TEST(Violation, AmbiguousIsWhatReadersCanDisagreeAbout) {
  std::vector<Violation> list;
  add_violation(list, ViolationKind::missing_jsonrpc, "");
  EXPECT_FALSE(any_ambiguous(list));
  add_violation(list, ViolationKind::case_variant_key, "Method");
  EXPECT_TRUE(any_ambiguous(list));
  EXPECT_TRUE(has_violation(list, ViolationKind::missing_jsonrpc));
  EXPECT_FALSE(has_violation(list, ViolationKind::null_id));
}

}  // namespace
}  // namespace tally::mcp
