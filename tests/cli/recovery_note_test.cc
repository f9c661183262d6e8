// SPDX-License-Identifier: Apache-2.0
#include "cli/recovery_note.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const log::RecoveryReport kEverything{.bytes_cut = 1500,
                                      .lines_cut = 3,
                                      .cut_sha256 = "ab12",
                                      .segments_removed = 1,
                                      .tree_rebuilt = true,
                                      .lines_rewritten = 7};

TEST(RecoveryNote, NamesEverythingThatWasDone) {
  const std::string text = describe_recovery(kEverything);
  for (const char* part :
       {"1,500 bytes behind the last commit", "3 entries that nobody", "1 empty segment removed",
        "tree files derived again", "7 entries written again", "audit-log-recovered"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(RecoveryNote, AndNothingElse) {
  log::RecoveryReport report;
  report.tree_rebuilt = true;
  const std::string text = describe_recovery(report);
  EXPECT_THAT(text, Not(HasSubstr("cut off")));
  EXPECT_THAT(text, Not(HasSubstr("removed")));
  EXPECT_THAT(text, Not(HasSubstr("written again")));
}

TEST(RecoveryNote, FactsAreCarriedOver) {
  const record::RecoveryFacts facts = recovery_facts(kEverything);
  EXPECT_EQ(facts.bytes_cut, 1500U);
  EXPECT_EQ(facts.lines_cut, 3U);
  EXPECT_EQ(facts.cut_sha256, "ab12");
  EXPECT_EQ(facts.segments_removed, 1U);
  EXPECT_EQ(facts.lines_rewritten, 7U);
  EXPECT_TRUE(facts.tree_rebuilt);
}

}  // namespace
}  // namespace tally::cli
