// SPDX-License-Identifier: Apache-2.0
#include "redact/key_memo.h"

#include <string>

#include <gtest/gtest.h>

#include "redact/keys.h"

namespace tally::redact {
namespace {

TEST(KeyMemo, AsksOnceAndAnswersTheSameAfterwards) {
  KeyMemo memo;
  int asked = 0;
  const auto ask = [&](std::string_view key) {
    ++asked;
    return is_sensitive(key);
  };
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(memo.get("api_key", ask));
    EXPECT_FALSE(memo.get("api_keyx", ask));
  }
  EXPECT_EQ(asked, 2);
}

TEST(KeyMemo, ManyKeysThatShareSlotsStillGetTheirOwnAnswer) {
  KeyMemo memo;
  const auto ask = [](std::string_view key) { return is_sensitive(key); };
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 5000; ++i) {
      const std::string plain = "field" + std::to_string(i);
      const std::string secret = "token_of_" + std::to_string(i);
      EXPECT_EQ(memo.get(plain, ask), is_sensitive(plain)) << plain;
      EXPECT_EQ(memo.get(secret, ask), is_sensitive(secret)) << secret;
    }
  }
}

TEST(KeyMemo, EmptyAndLongKeysAreAskedEachTime) {
  KeyMemo memo;
  int asked = 0;
  const auto ask = [&](std::string_view) { return ++asked > 0; };
  const std::string longer(100, 'k');
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(memo.get("", ask));
    EXPECT_TRUE(memo.get(longer, ask));
  }
  EXPECT_EQ(asked, 4);
}

}  // namespace
}  // namespace tally::redact
