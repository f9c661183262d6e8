// SPDX-License-Identifier: Apache-2.0
#include "server/checked_tokens.h"

#include <gtest/gtest.h>

namespace tally::server {
namespace {

using identity::Doubt;

std::string digest_of_number(std::size_t number) {
  return CheckedTokens::digest_of("token " + std::to_string(number));
}

TEST(CheckedTokens, KnowsWhomATokenNamed) {
  CheckedTokens tokens;
  EXPECT_EQ(tokens.believed(digest_of_number(1)), std::nullopt);
  access::Principal jane;
  jane.name = "jane";
  tokens.believe(digest_of_number(1), jane);
  EXPECT_EQ(tokens.believed(digest_of_number(1))->name, "jane");
  EXPECT_EQ(tokens.believed(digest_of_number(2)), std::nullopt);
  tokens.forget(digest_of_number(1));
  tokens.forget(digest_of_number(1));
  EXPECT_EQ(tokens.believed(digest_of_number(1)), std::nullopt);
  EXPECT_EQ(digest_of_number(1).size(), 32U) << "and nothing of the token";
}

TEST(CheckedTokens, ADoubtHoldsForItsBasis) {
  CheckedTokens tokens;
  tokens.doubt(digest_of_number(1), {1, 5}, Doubt::signature);
  EXPECT_EQ(tokens.doubted(digest_of_number(1), {1, 5}), Doubt::signature);
  EXPECT_EQ(tokens.doubted(digest_of_number(1), {1, 6}), std::nullopt) << "other keys";
  EXPECT_EQ(tokens.doubted(digest_of_number(1), {2, 5}), std::nullopt) << "other settings";
  tokens.doubt(digest_of_number(1), {1, 6}, Doubt::audience);
  EXPECT_EQ(tokens.doubted(digest_of_number(1), {1, 6}), Doubt::audience);
  for (const Doubt passing : {Doubt::no_keys, Doubt::unknown_key, Doubt::not_yet_valid,
                              Doubt::issued_later, Doubt::algorithm, Doubt::malformed}) {
    tokens.doubt(digest_of_number(2), {1, 5}, passing);
    EXPECT_EQ(tokens.doubted(digest_of_number(2), {1, 5}), std::nullopt);
  }
}

TEST(CheckedTokens, WrongOnesDriveNoRightOneOut) {
  CheckedTokens tokens;
  tokens.believe(digest_of_number(0), {});
  for (std::size_t i = 1; i <= 3 * kWrongTokensMax; ++i) {
    tokens.doubt(digest_of_number(i), {}, Doubt::signature);
  }
  EXPECT_NE(tokens.believed(digest_of_number(0)), std::nullopt);
  EXPECT_EQ(tokens.size(), 1 + kWrongTokensMax);
  EXPECT_EQ(tokens.doubted(digest_of_number(1), {}), std::nullopt);
  EXPECT_NE(tokens.doubted(digest_of_number(3 * kWrongTokensMax), {}), std::nullopt);
  for (std::size_t i = 1; i <= 2 * kCheckedTokensMax; ++i) {
    ASSERT_NE(tokens.believed(digest_of_number(0)), std::nullopt) << "used, so kept";
    tokens.believe(digest_of_number(i), {});
  }
  EXPECT_EQ(tokens.size(), kCheckedTokensMax + kWrongTokensMax);
}

}  // namespace
}  // namespace tally::server
