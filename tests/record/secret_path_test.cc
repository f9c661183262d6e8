// SPDX-License-Identifier: Apache-2.0
#include "record/secret_path.h"

#include "base/encoding.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

class SecretPath : public ::testing::Test {
 protected:
  [[nodiscard]] std::optional<std::string> hidden(std::string_view url) const {
    return hide_secret_in(url, paths_, digest_);
  }

  const redact::KeyedDigest digest_{as_bytes("0123456789abcdef0123456789abcdef")};
  const rest::PathTable paths_ =
      *rest::PathTable::make({{.path = "/auth/reset/{secret}", .methods = {"POST"}, .place = "t:1"},
                              {.path = "/tools/{id}", .place = "t:2"}});
};

TEST_F(SecretPath, IsReplacedInPathsAndUrls) {
  const std::string stand_in = digest_("s3cr3t");
  EXPECT_EQ(hidden("/auth/reset/s3cr3t"), "/auth/reset/" + stand_in);
  EXPECT_EQ(hidden("/auth/reset/s3cr3t?a=1#b"), "/auth/reset/" + stand_in + "?a=1#b");
  EXPECT_EQ(hidden("https://gw.example:8/auth/reset/s3cr3t?a=//x"),
            "https://gw.example:8/auth/reset/" + stand_in + "?a=//x");
  EXPECT_EQ(hidden("//gw.example/auth/reset/s3cr3t"), "//gw.example/auth/reset/" + stand_in);
  const auto doubled = hidden("//auth/reset/s3cr3t");
  ASSERT_TRUE(doubled);
  EXPECT_EQ(doubled->find("s3cr3t"), std::string::npos) << *doubled;
}

TEST_F(SecretPath, OtherPathsStay) {
  for (const char* url : {"", "/", "/tools/7", "https://gw.example",
                          "https://gw.example?x=/auth/reset/y", "//", "?", "auth"}) {
    EXPECT_EQ(hidden(url), std::nullopt) << url;
  }
}

}  // namespace
}  // namespace tally::record
