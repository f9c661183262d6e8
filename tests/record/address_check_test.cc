// SPDX-License-Identifier: Apache-2.0
#include "record/address_check.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

TEST(AddressCheck, HostsOfTheOpenNetwork) {
  for (const char* host : {"mcp.example", "mcp.example:8443", "MCP.Example.", "93.184.216.34",
                           "[2606:2800:220:1::1]:443", "10.example"}) {
    EXPECT_TRUE(is_public_host(host)) << host;
  }
  for (const char* host :
       {"localhost", "localhost:3000", "app.localhost", "127.0.0.1:80", "[::1]:80", "10.1.2.3",
        "192.168.0.1", "172.31.255.255", "100.64.0.1", "169.254.1.1", "[fe80::1]", "[fd12::1]",
        "gateway", "printer.local", "db.internal", "0.0.0.0", "", "[::ffff:10.0.0.1]"}) {
    EXPECT_FALSE(is_public_host(host)) << host;
  }
}

struct RiskCase {
  const char* url;
  const char* to_public;   // what a public host may be told of
  const char* to_private;  // and one that is not
};

TEST(AddressCheck, Risks) {
  const RiskCase cases[] = {
      {"https://id.example/token", "", ""},
      {"HTTPS://id.example", "", ""},
      {"http://id.example/token", "not_https", "not_https"},
      {"http://127.0.0.1:8080/token", "loopback", ""},
      {"https://localhost/", "loopback", ""},
      {"https://[::1]/", "loopback", ""},
      {"https://0.0.0.0/", "loopback", ""},
      {"https://[::ffff:127.0.0.1]/", "loopback", ""},
      {"https://10.0.0.7/jwks", "private_range", ""},
      {"https://172.16.0.1/", "private_range", ""},
      {"https://172.32.0.1/", "", ""},
      {"https://[fd00::7]/", "private_range", ""},
      {"https://vault.internal/", "private_range", ""},
      {"http://intranet/", "private_range", ""},
      {"http://169.254.169.254/latest/", "metadata_service", "metadata_service"},
      {"http://[fd00:ec2::254]/", "metadata_service", "metadata_service"},
      {"http://metadata.google.internal/", "metadata_service", "metadata_service"},
      {"http://169.254.7.7/", "link_local", "link_local"},
      {"http://[fe80::1]/", "link_local", "link_local"},
      {"http://2130706433/", "odd_address", "odd_address"},
      {"http://0x7f.1/", "odd_address", "odd_address"},
      {"http://127.1/", "odd_address", "odd_address"},
      {"https://%31%30.0.0.1/", "odd_address", "odd_address"},
      {"https:\\\\evil.example", "odd_address", "odd_address"},
      {"https:/evil.example", "odd_address", "odd_address"},
      {"https:///evil.example", "odd_address", "odd_address"},
      {"https://169.254.169.254\n/x", "odd_address", "odd_address"},
      {"https://169.254.169.254\r", "odd_address", "odd_address"},
      {"ht\ttps://id.example/", "odd_address", "odd_address"},
      {" https://id.example/", "odd_address", "odd_address"},
      {"https://id.example/a b", "odd_address", "odd_address"},
      {"https://id.example/\x7f", "odd_address", "odd_address"},
      {"https://\xEF\xBC\x91\xEF\xBC\x90.0.0.1/", "odd_address", "odd_address"},  // fullwidth 10
      {"https://169\xE3\x80\x82"
       "254.169.254/",
       "odd_address", "odd_address"},  // U+3002
      {"https://id.example/\xC3\xA4", "", ""},
      {"https://", "odd_address", "odd_address"},
      {"https://user:pw@id.example/", "credentials", "credentials"},
      {"https://id.example/a@b", "", ""},
      {"https://id.example\\@127.0.0.1/", "", ""},  // a browser ends the host at the backslash
      {"file:///etc/passwd", "scheme", "scheme"},
      {"gopher://id.example/", "scheme", "scheme"},
      {"javascript:alert(1)", "scheme", "scheme"},
      {"", "scheme", "scheme"},
      {"id.example/token", "scheme", "scheme"},
  };
  for (const RiskCase& c : cases) {
    EXPECT_EQ(url_risk(c.url, true), c.to_public) << c.url;
    EXPECT_EQ(url_risk(c.url, false), c.to_private) << c.url;
  }
}

}  // namespace
}  // namespace tally::record
