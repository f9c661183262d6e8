// SPDX-License-Identifier: Apache-2.0
#include "redact/findings.h"

#include "base/limits.h"

#include <gtest/gtest.h>

namespace tally::redact {
namespace {

TEST(Findings, TheListIsBounded) {
  std::vector<Redaction> list;
  for (int i = 0; i < 1000; ++i) note(Sink{list}, "p" + std::to_string(i), "key:token", "mask");
  ASSERT_EQ(list.size(), kRedactionsMax);
  EXPECT_EQ(list[0], (Redaction{"p0", "key:token", "mask"}));
  EXPECT_EQ(list.back().rule, "more");
}

TEST(Findings, PathsAreBounded) {
  std::vector<Redaction> list;
  note(Sink{list}, std::string(100'000, 'p'), "key:token", "mask");
  EXPECT_EQ(list[0].path.size(), 256U);
}

TEST(Findings, StandIns) {
  const std::string hex(64, 'a');
  EXPECT_TRUE(is_stand_in("[redacted]"));
  EXPECT_TRUE(is_stand_in("hmac:01234567:" + hex));
  EXPECT_TRUE(is_stand_in("sha256:" + hex));
  for (const std::string& value :
       {std::string(), std::string("redacted"), "hmac:0123:" + hex, "sha256:" + hex + "a",
        "sha256:" + std::string(64, 'Z'), std::string("hmac:")}) {
    EXPECT_FALSE(is_stand_in(value)) << value;
  }
}

}  // namespace
}  // namespace tally::redact
