// SPDX-License-Identifier: Apache-2.0
#include "cli/remote_flags.h"

#include "cli/program.h"
#include "cli/remote_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::cli {
namespace {

using ::testing::HasSubstr;

TEST(RemoteFlags, WhatMakesNoSenseIsStatusTwo) {
  const test::User user;
  const std::pair<std::vector<std::string>, const char*> wrong[] = {
      {{"query", "--token-file", "x"}, "only together with --url"},
      {{"tail", "--ca", "x"}, "only together with --url"},
      {{"verify", "--token-file", "x"}, "only together with --url"},
      {{"query", "--url", "http://127.0.0.1:1", "--log", "/x"}, "--log: not together with --url"},
      {{"tail", "--url", "http://127.0.0.1:1", "--log", "/x"}, "--log: not together with --url"},
      {{"query", "--url", "http://127.0.0.1:1", "--no-index"}, "--no-index: not together"},
      {{"verify", "--url", "http://127.0.0.1:1"}, "needs --key"},
      {{"query", "--url", "http://example.com"}, "plain http to another machine"},
      {{"query", "--url", "nonsense://x"}, "--url: "},
      {{"query", "--url", "http://127.0.0.1:1", "--token-file", "/nowhere"}, "/nowhere"},
      {{"query", "--url", "http://127.0.0.1:1", "--from", "soon"}, "--from: \"soon\" is no time"},
      {{"query", "--url", "http://127.0.0.1:1"}, "http://127.0.0.1:1/api/audit/logs: "}};
  for (const auto& [words, text] : wrong) {
    const auto ran = user.run(words);
    EXPECT_EQ(ran.status, 2) << ran;
    EXPECT_THAT(ran.err, HasSubstr(text));
  }
}

TEST(RemoteFlags, TheTokenComesFromFileOrEnvironment) {
  test::RemoteService service(3);
  const auto& stranger = service.stranger();
  const auto ask = [&](const std::vector<std::string>& more, test::RunOptions options) {
    std::vector<std::string> words{"query", "--url", service.url(), "--count", "type:auth"};
    words.insert(words.end(), more.begin(), more.end());
    return stranger.run(words, std::move(options));
  };
  const auto without = ask({}, {});
  EXPECT_EQ(without.status, 2);
  EXPECT_THAT(without.err, HasSubstr("TALLYSTICK_TOKEN"));
  EXPECT_EQ(
      ask({}, {.input = {}, .environment = {{"TALLYSTICK_TOKEN", service.token()}}, .in_child = {}})
          .out,
      "3\n");
  const std::string file = stranger.write("token", service.token() + "\n");
  EXPECT_EQ(ask({"--token-file", file}, {}).out, "3\n");
  const auto wrong =
      ask({}, {.input = {}, .environment = {{"TALLYSTICK_TOKEN", "tally_wrong"}}, .in_child = {}});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("401"));
  EXPECT_THAT(wrong.err, ::testing::Not(HasSubstr("tally_wrong")));
}

}  // namespace
}  // namespace tally::cli
