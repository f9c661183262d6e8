// SPDX-License-Identifier: Apache-2.0
#include "config/origins.h"
#include "config/sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::config {
namespace {

using test::Given;
using test::origin;
using test::value;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ConfigFile, EverythingOfAProxy) {
  Given given;
  given.check_files = false;
  const Loaded loaded = given.good(R"(log: {directory: /l, batch_size: 5, single_writer: true}
limits: {body: 1MiB}
spool: {directory: spool, size_max: 1MiB}
proxies:
  - name: files
    listen: "[::1]:9000"
    upstream: https://files.example.com
    public_url: https://mcp.example.com/files
    tls: {certificate: c.pem, key: /k.pem}
    upstream_tls: {ca_file: ca.pem, server_name: inner}
    mcp_paths: /rpc
    forwarded: off
    oversize: forward
    trusted_addresses: [10.0.0.0/8, ::1]
    actor_claims: [email, sub]
    user_headers: X-Forwarded-User
    timeouts: {connect: 1s}
    paths:
      - {path: /api/*, methods: [POST], level: full, on_failure: allow}
      - path: /admin
)");
  const ServeConfig& c = loaded.config;
  EXPECT_EQ(c.log.directory, "/l");
  EXPECT_EQ(c.log.batch_size, 5U);
  EXPECT_TRUE(c.log.single_writer);
  EXPECT_EQ(c.limits.body_bytes, kMiB);
  EXPECT_EQ(c.spool.directory, "/etc/tallystick/spool");
  ASSERT_EQ(c.proxies.size(), 1U);
  const ProxyConfig& p = c.proxies[0];
  EXPECT_EQ(p.name, "files");
  EXPECT_EQ(p.listen.host, "::1");
  EXPECT_TRUE(p.upstream.tls);
  EXPECT_EQ(p.public_url->path, "/files");
  EXPECT_EQ(p.tls.certificate, "/etc/tallystick/c.pem");
  EXPECT_EQ(p.tls.key, "/k.pem");
  EXPECT_EQ(p.upstream_tls.ca_file, "/etc/tallystick/ca.pem");
  EXPECT_EQ(p.upstream_tls.server_name, "inner");
  EXPECT_THAT(p.mcp_paths, ElementsAre("/rpc"));
  EXPECT_EQ(p.forwarded, Forwarded::off);
  EXPECT_EQ(p.oversize, Oversize::forward);
  EXPECT_EQ(p.trusted_addresses.size(), 2U);
  EXPECT_THAT(p.actor_claims, ElementsAre("email", "sub"));
  EXPECT_THAT(p.user_headers, ElementsAre("X-Forwarded-User"));
  EXPECT_EQ(p.timeouts.connect, Milliseconds(1000));
  ASSERT_EQ(p.paths.size(), 2U);
  EXPECT_EQ(p.paths[0].path, "/api/*");
  EXPECT_THAT(p.paths[0].methods, ElementsAre("POST"));
  EXPECT_EQ(p.paths[0].level, policy::Level::full);
  EXPECT_EQ(p.paths[0].on_failure, policy::OnFailure::allow);
  EXPECT_EQ(p.paths[1].on_failure, policy::OnFailure::block);
  EXPECT_EQ(origin(loaded, "proxies[0].timeouts.connect"), "/etc/tallystick/t.yaml:17:25");
  EXPECT_EQ(value(loaded, "proxies[0].trusted_addresses"), "[10.0.0.0/8, ::1]");
}

TEST(ConfigFile, EveryMistakeIsToldWithItsPlace) {
  EXPECT_EQ(Given().refusal(R"(log:
  batch_size: 0
  batchsize: 5
  retention_days: 30
listen: 8811
limits: 5
lisen: x
proxies:
  - listen: 127.0.0.1:1
    upstream: http://h/mcp
    oversize: drop
)"),
            "/etc/tallystick/t.yaml:2:15: log.batch_size: must be a number from 1 to 4096, not "
            "\"0\"\n"
            "/etc/tallystick/t.yaml:3:3: log: no such key: \"batchsize\"; did you mean "
            "batch_size?\n"
            "/etc/tallystick/t.yaml:4:19: log.retention_days: this version of tallystick has no "
            "such feature; remove it\n"
            "/etc/tallystick/t.yaml:5:9: listen: \"8811\" is not ADDRESS:PORT; write for example "
            "127.0.0.1:8811, [::1]:8811 or, for every address, 0.0.0.0:8811\n"
            "/etc/tallystick/t.yaml:6:9: limits: must be a map (KEY: VALUE), not a single value\n"
            "/etc/tallystick/t.yaml:7:1: no such key: \"lisen\"; did you mean listen?\n"
            "/etc/tallystick/t.yaml:10:15: proxies[0].upstream: paths pass unchanged, so the URL "
            "must have none; write http://h\n"
            "/etc/tallystick/t.yaml:11:15: proxies[0].oversize: must be refuse or forward, not "
            "\"drop\"");
}

TEST(ConfigFile, WhatAProxyNeedsIsSaid) {
  EXPECT_THAT(Given().refusal("proxies: [{name: a}]\n"),
              HasSubstr("proxies[0].listen: missing; write listen: ADDR:PORT"));
  EXPECT_THAT(Given().refusal("proxies: [{listen: 127.0.0.1:1}]\n"),
              HasSubstr("proxies[0].upstream: missing"));
  EXPECT_THAT(Given().refusal("proxies: {a: b}\n"), HasSubstr("proxies: must be a list"));
}

TEST(ConfigFile, PathsAreRead) {
  const std::string head = "proxies: [{listen: 127.0.0.1:1, upstream: http://h, paths: [";
  EXPECT_THAT(Given().refusal(head + "{path: api}]}]\n"),
              HasSubstr("proxies[0].paths[0].path: \"api\": must be a path such as /api/*"));
}

TEST(ConfigFile, EmptyValuesAreMistakes) {
  EXPECT_THAT(Given().refusal("listen: \"\"\n"), HasSubstr("listen: the value is empty"));
  EXPECT_EQ(Given().good("listen:\nlog:\n").config.listen.port, 8811);
}

TEST(ConfigFile, WhatCannotBeReadIsRefused) {
  Given given;
  given.file = "/etc/none.yaml";
  EXPECT_FALSE(given.load());
  EXPECT_THAT(given.refusal("a: &a b\n"), StartsWith("/etc/tallystick/t.yaml:1:"));
}

}  // namespace
}  // namespace tally::config
