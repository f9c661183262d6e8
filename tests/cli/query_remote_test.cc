// SPDX-License-Identifier: Apache-2.0
#include "cli/query_remote.h"

#include "cli/remote_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::cli {
namespace {

using test::lines_of;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(QueryRemote, FindsWhatTheFilesSay) {
  const test::RemoteService service(2'500);
  for (const std::vector<std::string>& wanted : std::vector<std::vector<std::string>>{
           {"type:auth"},
           {"type:auth", "seq:10..30", "-seq:12"},
           {"type:auth", "--from", "2020-01-01", "--to", "2030-01-01"},
           {"type:nothing"}}) {
    std::vector<std::string> words{"query", "--oldest-first", "--format", "csv"};
    words.insert(words.end(), wanted.begin(), wanted.end());
    const auto there = service.run(words);
    const auto here = service.owner().run(words);
    EXPECT_EQ(there.status, here.status) << there;
    EXPECT_EQ(there.out, here.out);
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
  EXPECT_THAT(lines[0], StartsWith("{\"seq\":1199,"));
  const auto all = service.run({"query", "--format", "ndjson", "--oldest-first", "type:auth"});
  EXPECT_THAT(lines_of(all.out), SizeIs(1'200)) << "more than a page";
  EXPECT_EQ(all.err, "");
  EXPECT_THAT(service.run({"query", "--limit", "1", "type:auth"}).out, HasSubstr("auth-login"));
  const auto none = service.run({"query", "--fail-if-none", "type:nothing"});
  EXPECT_EQ(none.status, 1) << none;
  const auto wrong = service.run({"query", "actr:alice"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("actr"));
}

}  // namespace
}  // namespace tally::cli
