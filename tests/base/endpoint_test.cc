// SPDX-License-Identifier: Apache-2.0
#include "base/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Endpoint, ReadsAddressAndPortAndPrintsThemAgain) {
  for (const auto* text : {"127.0.0.1:8811", "[::1]:8811", "localhost:0", "0.0.0.0:65535"}) {
    const auto endpoint = Endpoint::parse(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(endpoint->text(), text);
  }
  EXPECT_EQ(Endpoint::parse("[::1]:80")->host, "::1");
}

TEST(Endpoint, RefusesTheRestAndSaysWhatToWrite) {
  for (const auto* bad : {"", "8811", ":8811", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                          "::1:8811", "[127.0.0.1]:80", "[localhost]:80", "example.com:80",
                          "127.0.0.1:80 ", "[::1]80", "[::1", "127.0.0.1:-1"}) {
    const auto endpoint = Endpoint::parse(bad);
    ASSERT_FALSE(endpoint) << bad;
    EXPECT_THAT(endpoint.error().detail, HasSubstr("127.0.0.1:8811"));
  }
}

TEST(HttpUrl, ReadsSchemeHostPortAndPath) {
  const auto url = HttpUrl::parse("https://MCP.example.com:8443/a/b%20c");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "mcp.example.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->path, "/a/b%20c");
  EXPECT_EQ(url->text(), "https://mcp.example.com:8443/a/b%20c");
  EXPECT_EQ(url->authority(), "mcp.example.com:8443");
}

TEST(HttpUrl, LeavesOutWhatTheSchemeSays) {
  EXPECT_EQ(HttpUrl::parse("http://a:80/")->text(), "http://a");
  EXPECT_EQ(HttpUrl::parse("https://a:443")->authority(), "a");
  EXPECT_EQ(HttpUrl::parse("https://a:80")->authority(), "a:80");
  EXPECT_EQ(HttpUrl::parse("http://[::1]:3000")->authority(), "[::1]:3000");
  EXPECT_EQ(HttpUrl::parse("http://[::1]:3000")->host, "::1");
}

TEST(HttpUrl, RefusesWhatIsNoPlaceToConnectTo) {
  for (const auto* bad :
       {"", "127.0.0.1:3000", "ftp://a", "http://", "http:///x", "http://a:0", "http://a:99999",
        "http://a:", "http://a?x=1", "http://a/#f", "http://a b", "http://::1/", "http://[1.2.3.4]",
        "http://[::1", "http://a/\n", "http://a/\x80", "HTTP://a"}) {
    const auto url = HttpUrl::parse(bad);
    ASSERT_FALSE(url) << bad;
    EXPECT_THAT(url.error().detail, HasSubstr("http://127.0.0.1:3000"));
  }
}

TEST(HttpUrl, DoesNotRepeatAPassword) {
  const auto url = HttpUrl::parse("http://jane:swordfish@example.com");
  ASSERT_FALSE(url);
  EXPECT_THAT(url.error().detail, Not(HasSubstr("swordfish")));
}

}  // namespace
}  // namespace tally
