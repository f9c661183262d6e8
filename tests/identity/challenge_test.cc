// SPDX-License-Identifier: Apache-2.0
#include "identity/challenge.h"

#include "identity/tokens.h"

#include <gtest/gtest.h>

namespace tally::identity {
namespace {

Challenge only(std::string_view value) {
  const auto challenge = read_challenge(fields({{"WWW-Authenticate", value}}));
  EXPECT_TRUE(challenge) << value;
  return challenge.value_or(Challenge{});
}

TEST(Challenge, OfAnMcpServer) {
  const Challenge c = only(
      R"(Bearer resource_metadata="https://a.example/.well-known/oauth-protected-resource", )"
      R"(scope="files:read files:write", error="insufficient_scope", error_description="say \"please\"")");
  EXPECT_EQ(c.scheme, "Bearer");
  EXPECT_EQ(c.resource_metadata, "https://a.example/.well-known/oauth-protected-resource");
  EXPECT_EQ(c.scope, "files:read files:write");
  EXPECT_EQ(c.error, "insufficient_scope");
  EXPECT_EQ(c.error_description, "say \"please\"");
}

TEST(Challenge, BearerIsPreferredWhereverItStands) {
  EXPECT_EQ(only(R"(Basic realm="x, y", Bearer error=invalid_token)").error, "invalid_token");
  EXPECT_EQ(only(R"(DPoP algs="ES256", bearer realm=r)").realm, "r");
  const auto two = read_challenge(
      fields({{"WWW-Authenticate", "Basic realm=a"}, {"www-authenticate", "Bearer realm=b"}}));
  ASSERT_TRUE(two);
  EXPECT_EQ(two->realm, "b");
  EXPECT_EQ(only("Basic realm=a").scheme, "Basic");
  EXPECT_EQ(only("Negotiate").scheme, "Negotiate");
}

TEST(Challenge, OddOnes) {
  EXPECT_FALSE(read_challenge(http::FieldList()));
  EXPECT_FALSE(read_challenge(fields({{"WWW-Authenticate", ""}})));
  EXPECT_FALSE(read_challenge(fields({{"WWW-Authenticate", ", ,="}})));
  EXPECT_FALSE(read_challenge(fields({{"WWW-Authenticate", "error=alone"}})));
  EXPECT_EQ(only("Bearer error=\"unterminated").error, "\"unterminated");
  EXPECT_EQ(only("Bearer error=first, error=second").error, "first");
  EXPECT_EQ(only("Bearer scope=\"" + std::string(2000, 's') + "\"").scope.size(), 512U);
  EXPECT_EQ(only("Bearer abc123==").scheme, "Bearer");
}

}  // namespace
}  // namespace tally::identity
