// SPDX-License-Identifier: Apache-2.0
#include "http/head.h"

#include <gtest/gtest.h>

namespace tally::http {
namespace {

TEST(Head, WritesRequests) {
  RequestHead head{.method = "POST", .target = "/mcp?a", .minor = 1, .fields = {}};
  head.fields.add("HOST", "a");
  head.fields.add("x-empty", "");
  head.fields.add("Host", "b");
  EXPECT_EQ(to_bytes(head), "POST /mcp?a HTTP/1.1\r\nHOST: a\r\nx-empty: \r\nHost: b\r\n\r\n");
  head.minor = 0;
  head.fields.clear();
  std::string out = "before";
  append_head(head, out);
  EXPECT_EQ(out, "beforePOST /mcp?a HTTP/1.0\r\n\r\n");
}

TEST(Head, WritesResponses) {
  ResponseHead head{.status = 200, .reason = "Fine, thanks", .minor = 0, .fields = {}};
  head.fields.add("A", "b");
  EXPECT_EQ(to_bytes(head), "HTTP/1.0 200 Fine, thanks\r\nA: b\r\n\r\n");
  head.reason.clear();
  head.minor = 1;
  head.fields.clear();
  EXPECT_EQ(to_bytes(head), "HTTP/1.1 200 \r\n\r\n");
}

TEST(Head, KnowsInterimResponses) {
  EXPECT_TRUE(is_interim({.status = 100, .reason = "", .minor = 1, .fields = {}}));
  EXPECT_TRUE(is_interim({.status = 199, .reason = "", .minor = 1, .fields = {}}));
  EXPECT_FALSE(is_interim({.status = 101, .reason = "", .minor = 1, .fields = {}}));
  EXPECT_FALSE(is_interim({.status = 200, .reason = "", .minor = 1, .fields = {}}));
}

TEST(Head, KnowsReasonPhrases) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(431), "Request Header Fields Too Large");
  EXPECT_EQ(reason_phrase(511), "Network Authentication Required");
  EXPECT_EQ(reason_phrase(299), "");
  EXPECT_EQ(reason_phrase(0), "");
}

}  // namespace
}  // namespace tally::http
