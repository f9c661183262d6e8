// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"
#include "cli/program.h"
#include "config/show.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::cli {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

TEST(ConfigCommand, CheckSaysFineOrEveryMistake) {
  const test::User user;
  const auto good =
      user.write("t.yaml", "proxies: [{listen: 127.0.0.1:1, upstream: 'http://127.0.0.1:2'}]\n");
  auto ran = user.run({"config", "check", good});
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_EQ(ran.out, "fine: 1 proxy, log in " + user.log() + "\n");

  const auto bad = user.write("bad.yaml", "lisen: x\nwrite_timeout: 0\n");
  ran = user.run({"config", "check", bad});
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("tallystick: config: " + bad + ":1:1: no such key: \"lisen\""));
  EXPECT_THAT(ran.err, HasSubstr("tallystick: config: " + bad + ":2:16: write_timeout: must be"));
}

TEST(ConfigCommand, ShowGivesTheOriginOfEachValue) {
  const test::User user;
  const auto file = user.write("t.yaml", "write_timeout: 1s\n");
  test::RunOptions options;
  options.environment["AUDIT_LOG_BATCH_SIZE"] = "7";
  auto ran = user.run({"config", "show", "--config", file, "--listen", "127.0.0.1:9"}, options);
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_THAT(ran.out, ContainsRegex("log.batch_size +7 +AUDIT_LOG_BATCH_SIZE\n"));
  EXPECT_THAT(ran.out, ContainsRegex("write_timeout +1s +" + file + ":1:16\n"));
  EXPECT_THAT(ran.out, ContainsRegex("listen +127.0.0.1:9 +--listen\n"));
  ran = user.run({"config", "show", "--json", file});
  json::Document document;
  EXPECT_TRUE(document.parse(ran.out)) << ran;
}

TEST(ConfigCommand, MistypedVariablesAreToldOf) {
  test::RunOptions options;
  options.environment["AUDIT_LOG_BATCHSIZE"] = "7";
  const auto ran = test::User().run({"config", "check"}, options);
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.err, HasSubstr("warning: AUDIT_LOG_BATCHSIZE: no such setting; did you mean "
                                 "AUDIT_LOG_BATCH_SIZE?"));
}

TEST(ConfigCommand, SettingsAreTheTables) {
  EXPECT_EQ(test::User().run({"config", "settings"}).out, config::settings_markdown());
}

TEST(ConfigCommand, UsageIsChecked) {
  const test::User user;
  EXPECT_THAT(user.run({"config"}).err, HasSubstr("say config check"));
  EXPECT_THAT(user.run({"config", "chek"}).err, HasSubstr("say config check"));
  EXPECT_THAT(user.run({"config", "check", "--config", "a", "b"}).err, HasSubstr("name one"));
  EXPECT_THAT(user.run({"config", "check", "/none.yaml"}).err, HasSubstr("/none.yaml"));
  EXPECT_EQ(user.run({"config", "check", "/none.yaml"}).status, 2);
  EXPECT_THAT(user.run({"config", "--help"}).out, HasSubstr("--proxy [NAME@]ADDR:PORT=URL"));
}

}  // namespace
}  // namespace tally::cli
