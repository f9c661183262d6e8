// SPDX-License-Identifier: Apache-2.0
#include "config/origins.h"
#include "config/sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::config {
namespace {

using test::Given;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string proxy(const std::string& rest) {
  return "proxies:\n  - {listen: 127.0.0.1:1, upstream: 'https://h', " + rest + "}\n";
}

TEST(ConfigWhole, HalvesOfPairs) {
  Given given;
  given.check_files = false;
  EXPECT_THAT(given.refusal(proxy("tls: {certificate: c}")),
              HasSubstr("tls.certificate: is given without tls.key"));
  EXPECT_THAT(given.refusal(proxy("tls: {key: c}")),
              StartsWith("/etc/tallystick/t.yaml:2:61: tls.key: is given without "));
  EXPECT_THAT(given.refusal(proxy("upstream_tls: {key: c}")), HasSubstr("upstream_tls.key"));
  given.good(proxy("tls: {certificate: c, key: k}"));
}

TEST(ConfigWhole, FilesThatAreNotThere) {
  Given given;
  EXPECT_THAT(given.refusal(proxy("upstream_tls: {ca_file: ca.pem}")),
              HasSubstr("upstream_tls.ca_file: /etc/tallystick/ca.pem: there is no such file"));
  given.fs.put("/etc/tallystick/ca.pem", "x");
  given.good(proxy("upstream_tls: {ca_file: ca.pem}"));
  EXPECT_THAT(given.refusal(proxy("upstream_tls: {ca_file: /etc}")), HasSubstr("is a folder"));
}

TEST(ConfigWhole, WhatWouldHaveNoEffect) {
  EXPECT_THAT(Given().refusal(proxy("user_headers: X-User")),
              HasSubstr("user_headers: believed from nobody"));
  Given given;
  given.fs.put("/ca", "x");
  given.flags = {{"--proxy", {"127.0.0.1:1=http://h"}}, {"--upstream-ca", {"/ca"}}};
  EXPECT_THAT(given.refusal(), StartsWith("--upstream-ca: upstream_tls.ca_file: the upstream "
                                          "http://h is not https"));
}

TEST(ConfigWhole, WhatOnlyOneCanHave) {
  Given given;
  const std::string a = "proxies:\n  - {name: a, listen: 127.0.0.1:1, upstream: 'http://h'}\n";
  EXPECT_THAT(given.refusal(a + "  - {name: a, listen: 127.0.0.1:2, upstream: 'http://h'}\n"),
              HasSubstr("\"a\" is the name of proxies[0] too"));
  EXPECT_THAT(given.refusal(a + "  - {name: b, listen: 127.0.0.1:1, upstream: 'http://h'}\n"),
              HasSubstr("127.0.0.1:1 is taken by proxies[0].listen"));
  EXPECT_THAT(given.refusal(a + "listen: 127.0.0.1:1\n"), HasSubstr("is taken by listen"));
  given.good(a +
             "  - {name: b, listen: 127.0.0.1:0, upstream: 'http://h'}\n"
             "  - {name: c, listen: 127.0.0.1:0, upstream: 'http://h'}\n");
}

TEST(ConfigWhole, LimitsAndFoldersFitTogether) {
  EXPECT_THAT(Given().refusal("limits: {body: 16MiB, bodies: 1MiB}\n"),
              HasSubstr("limits.bodies: is less than limits.body"));
  EXPECT_THAT(Given().refusal("log: {directory: /l}\nspool: {directory: /l}\n"),
              HasSubstr("spool.directory: is the log itself"));
}

}  // namespace
}  // namespace tally::config
