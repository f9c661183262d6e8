// SPDX-License-Identifier: Apache-2.0
#include "cli/query_remote.h"

#include "cli/remote_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace tally::cli {
namespace {

using test::lines_of;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::vector<std::string> sorted(std::string_view text) {
  auto lines = lines_of(text);
  std::ranges::sort(lines);
  return lines;
}

std::string time_of(std::string_view line) {
  const std::size_t begin = line.find("\"timestamp\":\"") + 13;
  return std::string(line.substr(begin, 27));
}

TEST(QueryRemote, FindsWhatTheFilesSay) {
  const test::RemoteService service(2'500);
  for (const std::vector<std::string>& wanted : std::vector<std::vector<std::string>>{
           {"type:auth"},
           {"type:auth", "seq:10..30", "-seq:12"},
           {"type:auth", "--from", "2020-01-01", "--to", "2030-01-01"},
           {"actor:nobody"}}) {
    std::vector<std::string> words{"query", "--oldest-first", "--format", "csv"};
    words.insert(words.end(), wanted.begin(), wanted.end());
    const auto there = service.run(words);
    const auto here = service.owner().run(words);
    EXPECT_EQ(there.status, here.status) << there;
    // The server goes by time: events that were checked on several cores are not in its order.
    EXPECT_EQ(sorted(there.out), sorted(here.out));
  }
}

TEST(QueryRemote, SaysThatNobodyJudgedWhetherACallIsStillRunning) {
  const test::RemoteService service(3);
  for (const char* expression : {"result:unknown", "result:pending", "-result:unknown"}) {
    EXPECT_THAT(service.run({"query", expression}).err, HasSubstr("stays pending")) << expression;
  }
  for (const char* expression : {"result:success", "type:auth"}) {
    EXPECT_EQ(service.run({"query", expression, "--limit", "3"}).err.find("stays pending"),
              std::string::npos)
        << expression;
  }
}

TEST(QueryRemote, LimitsOrderCountAndFormats) {
  const test::RemoteService service(1'200);
  EXPECT_EQ(service.run({"query", "--count", "type:auth"}).out, "1200\n");
  EXPECT_EQ(service.run({"query", "--count", "--limit", "7", "type:auth"}).out, "7\n");
  const auto newest = service.run({"query", "--format", "ndjson", "--limit", "2", "type:auth"});
  EXPECT_THAT(newest.err, HasSubstr("stopped after 2 entries (--limit)"));
  const auto lines = lines_of(newest.out);
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_GE(time_of(lines[0]), time_of(lines[1]));
  const auto all = service.run({"query", "--format", "ndjson", "--oldest-first", "type:auth"});
  EXPECT_THAT(lines_of(all.out), SizeIs(1'200)) << "more than a page";
  EXPECT_EQ(all.err, "");
  EXPECT_THAT(service.run({"query", "--limit", "1", "type:auth"}).out, HasSubstr("auth-login"));
  const auto none = service.run({"query", "--fail-if-none", "actor:nobody"});
  EXPECT_EQ(none.status, 1) << none;
  const auto wrong = service.run({"query", "actr:alice"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("actr"));
}

}  // namespace
}  // namespace tally::cli
