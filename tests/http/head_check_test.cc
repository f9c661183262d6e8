// SPDX-License-Identifier: Apache-2.0
// The rules are tested through the parsers with tests/http/hostile_heads.h; here is what a whole
// head does not show.
#include "http/head_check.h"

#include <gtest/gtest.h>

namespace tally::http {
namespace {

TEST(HeadCheck, ReadsContentLength) {
  EXPECT_EQ(parse_content_length("0"), 0U);
  EXPECT_EQ(parse_content_length("18446744073709551615"), 18446744073709551615U);
  for (const char* bad : {"", "00", "01", "+1", "-0", " 1", "1 ", "1,1", "0x1", "1.0", "1e1", "1_0",
                          "18446744073709551616", "99999999999999999999999"}) {
    EXPECT_EQ(parse_content_length(bad), std::nullopt) << bad;
  }
}

TEST(HeadCheck, KnowsTheFormsOfTargets) {
  EXPECT_EQ(check_target("GET", "/"), std::nullopt);
  EXPECT_EQ(check_target("GET", "/a?b=http://c/"), std::nullopt);
  EXPECT_EQ(check_target("OPTIONS", "*"), std::nullopt);
  EXPECT_EQ(check_target("options", "*"), HeadFault::bad_target);
  EXPECT_EQ(check_target("GET", "https://a/"), HeadFault::absolute_target);
  EXPECT_EQ(check_target("GET", "ws:/"), HeadFault::absolute_target);
  EXPECT_EQ(check_target("GET", "?a"), HeadFault::bad_target);
  EXPECT_EQ(check_target("CONNECT", "*"), HeadFault::connect_method);
  EXPECT_EQ(check_target("GET", "/a?b\\c"), std::nullopt);
  EXPECT_EQ(check_target("GET", "/a\\c?b"), HeadFault::bad_target);
}

TEST(HeadCheck, JudgesFramingBeforeHost) {
  RequestHead head{.method = "GET", .target = "/", .minor = 1, .fields = {}};
  EXPECT_EQ(check_request(head), HeadFault::missing_host);
  head.fields.add("Content-Length", "x");
  EXPECT_EQ(check_request(head), HeadFault::bad_content_length);
}

TEST(HeadCheck, CountsManyLines) {
  // More lines than a counter of eight bits holds must not look like none.
  RequestHead head{.method = "GET", .target = "/", .minor = 1, .fields = {}};
  for (int i = 0; i < 256; ++i) head.fields.add("Host", "a");
  EXPECT_EQ(check_request(head), HeadFault::repeated_host);
  ResponseHead response{.status = 200, .reason = "", .minor = 1, .fields = {}};
  for (int i = 0; i < 256; ++i) response.fields.add("Content-Length", "1");
  EXPECT_EQ(check_response(response), HeadFault::repeated_content_length);
}

}  // namespace
}  // namespace tally::http
