// SPDX-License-Identifier: Apache-2.0
#include "cli/query_terms.h"

#include <gtest/gtest.h>

namespace tally::cli {
namespace {

TEST(QueryTerms, NegatedTermsAreNoFlags) {
  for (const char* term : {"-severity:debug", "-tool:read_*", "-seq>=10", "-time<2026-11-21",
                           "-event:\"a b\"", "-a:b", "-Key:x"}) {
    EXPECT_TRUE(is_negated_term(term)) << term;
  }
}

TEST(QueryTerms, FlagsStayFlags) {
  for (const char* flag : {"--limit", "--from=time:x", "-h", "-", "", "--", "-1h", "-:x", "word",
                           "tool:x", "-word", "-n5"}) {
    EXPECT_FALSE(is_negated_term(flag)) << flag;
  }
}

TEST(QueryTerms, WordsBecomeOneExpression) {
  EXPECT_EQ(joined_terms({}), "");
  EXPECT_EQ(joined_terms({"actor:alice -severity:debug"}), "actor:alice -severity:debug");
  EXPECT_EQ(joined_terms({"actor:alice", "\"no such\"", "seq:1..2"}),
            "actor:alice \"no such\" seq:1..2");
}

}  // namespace
}  // namespace tally::cli
