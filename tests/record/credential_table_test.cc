// SPDX-License-Identifier: Apache-2.0
#include "record/credential_table.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

TEST(CredentialTable, SaysOnceWhereItWasSeenBefore) {
  CredentialTable table;
  EXPECT_FALSE(table.used_at("t", "one"));
  EXPECT_FALSE(table.used_at("t", "one"));
  EXPECT_EQ(table.used_at("t", "two"), "one");
  EXPECT_FALSE(table.used_at("t", "two"));
  EXPECT_FALSE(table.used_at("t", "three"));
  EXPECT_FALSE(table.used_at("u", "two"));
}

TEST(CredentialTable, AudienceIsReportedOnce) {
  CredentialTable table;
  EXPECT_FALSE(table.first_report_of_audience("t"));
  (void)table.used_at("t", "one");
  EXPECT_TRUE(table.first_report_of_audience("t"));
  EXPECT_FALSE(table.first_report_of_audience("t"));
}

TEST(CredentialTable, IsBounded) {
  CredentialTable table(2);
  for (const char* token : {"a", "b", "c"}) (void)table.used_at(token, "one");
  EXPECT_EQ(table.size(), 2U);
  EXPECT_FALSE(table.used_at("a", "two"));  // forgotten
  EXPECT_EQ(table.used_at("c", "two"), "one");
}

}  // namespace
}  // namespace tally::record
