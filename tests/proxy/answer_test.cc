// SPDX-License-Identifier: Apache-2.0
#include "proxy/answer.h"

#include <gtest/gtest.h>

namespace tally::proxy {
namespace {

TEST(Answer, HeadAndBody) {
  EXPECT_EQ(to_bytes({503, "application/json", "{}", false, false}),
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
            "Content-Length: 2\r\n\r\n{}");
}

TEST(Answer, WithoutABodyAndLastOfItsConnection) {
  EXPECT_EQ(to_bytes({502, {}, {}, true, false}),
            "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

TEST(Answer, ToHeadOnlyTheLength) {
  EXPECT_EQ(to_bytes({200, "text/plain", "ok\n", false, true}),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\n");
}

}  // namespace
}  // namespace tally::proxy
