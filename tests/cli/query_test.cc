// SPDX-License-Identifier: Apache-2.0
// tallystick query as a user meets it; the expression language is tested in tests/index.
#include "base/json.h"
#include "cli/program.h"
#include "storage/process_identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::cli {
namespace {

using test::lines_of;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* kEvents =
    R"({"event_name":"auth-login","actor_id":"alice","timestamp":"2025-11-20T10:00:00Z"}
{"event_name":"auth-login","actor_id":"bob","event_result":"failure","timestamp":"2025-11-21T10:00:00Z","error_message":"no such user"}
{"event_name":"mcp-tool-execution","actor_id":"alice","target_type":"tool","target_id":"files/read_text_file","target_name":"read_text_file","timestamp":"2025-11-21T11:00:00Z","severity":"debug"}
{"event_name":"mcp-tool-execution","actor_id":"alice","target_type":"tool","target_id":"files/write_file","target_name":"write_file","event_result":"denied","timestamp":"2025-11-22T00:00:00Z"}
)";

class QueryTest : public ::testing::Test {
 protected:
  QueryTest() {
    const auto ran = user_.run({"append"}, kEvents);
    EXPECT_EQ(ran.status, 0) << ran;
  }
  /// Sequence numbers found, in the order shown.
  std::vector<std::string> find(std::vector<std::string> words) {
    words.insert(words.begin(), {"query", "--format", "ndjson"});
    const auto ran = user_.run(words);
    EXPECT_EQ(ran.status, 0) << ran;
    std::vector<std::string> out;
    for (const std::string& line : lines_of(ran.out))
      out.push_back(line.substr(7, line.find(',') - 7));
    return out;
  }
  std::string error(std::vector<std::string> words) {
    words.insert(words.begin(), "query");
    const auto ran = user_.run(words);
    EXPECT_EQ(ran.status, 2) << ran;
    EXPECT_EQ(ran.out, "");
    return ran.err;
  }
  test::User user_;
};

TEST_F(QueryTest, NewestFirstUnlessAskedOtherwise) {
  EXPECT_THAT(find({}), ElementsAre("3", "2", "1", "0"));
  EXPECT_THAT(find({"--oldest-first"}), ElementsAre("0", "1", "2", "3"));
  EXPECT_THAT(find({"--reverse"}), ElementsAre("0", "1", "2", "3"));
}

/// A process that is not there: the number of this one, started at another time.
std::string gone_process() {
  storage::ProcessIdentity process = storage::own_process_identity();
  ++process.start_ticks;
  return storage::to_json(process);
}

TEST_F(QueryTest, WhatIsShownAsUnknownIsFoundAsUnknown) {
  // Entries of one append share its instance, which here says that it was another process.
  const std::string call =
      R"("event_name":"mcp-tool-execution","event_result":"pending","status":"initiated","interaction_id":")";
  const auto ran = user_.run(
      {"append"}, R"({"event_name":"mcp-server-start","details":{"instance_process":)" +
                      gone_process() + "}}\n{" + call + "a\"}\n{" + call +
                      "b\"}\n{\"event_name\":\"mcp-tool-execution\",\"interaction_id\":\"b\"}\n");
  ASSERT_EQ(ran.status, 0) << ran;
  for (const bool indexed : {false, true}) {
    if (indexed) {
      ASSERT_EQ(user_.run({"index", "rebuild"}).status, 0);
    }
    EXPECT_THAT(find({"result:unknown"}), ElementsAre("5"));
    EXPECT_THAT(find({"result:unknown", "interaction:a"}), ElementsAre("5"));
    EXPECT_THAT(find({"result:pending"}), ElementsAre("6"));
    EXPECT_THAT(find({"result:pending", "result:unknown"}), ElementsAre("6", "5"));
    EXPECT_THAT(find({"-result:unknown", "interaction:*"}), ElementsAre("7", "6"));
    EXPECT_EQ(user_.run({"query", "--count", "result:unknown"}).out, "1\n");
    EXPECT_EQ(user_.run({"query", "--count", "result:pending"}).out, "1\n");
    EXPECT_EQ(user_.run({"query", "--count", "result:pending", "result:unknown"}).out, "2\n");
  }
  EXPECT_THAT(user_.run({"query", "result:unknown", "--format", "csv"}).out,
              AllOf(HasSubstr(",unknown,"), HasSubstr("\"\"reader\"\":")));
  EXPECT_THAT(user_.run({"query", "result:unknown", "--format", "json"}).out,
              HasSubstr(R"("reader":{"event_result":"unknown")"));
  EXPECT_THAT(user_.run({"query", "result:unknown", "--format", "ndjson"}).out,
              AllOf(HasSubstr(R"("event_result":"pending")"), Not(HasSubstr("reader"))));
}

TEST_F(QueryTest, ExpressionsInOneWordOrSeveral) {
  EXPECT_THAT(find({"actor:alice tool:read_* -result:failure"}), ElementsAre("2"));
  EXPECT_THAT(find({"actor:alice", "-severity:debug"}), ElementsAre("3", "0"));
  EXPECT_THAT(find({"-severity:debug", "actor:alice", "--limit", "1"}), ElementsAre("3"));
  EXPECT_THAT(find({"result:failure", "result:denied"}), ElementsAre("3", "1"));
  EXPECT_THAT(find({"\"no such user\""}), ElementsAre("1"));
  EXPECT_THAT(find({"seq:1..2"}), ElementsAre("2", "1"));
  EXPECT_THAT(find({"seq:1..2", "--oldest-first"}), ElementsAre("1", "2"));
  EXPECT_THAT(find({"seq:7"}), IsEmpty());
}

TEST_F(QueryTest, TimesFromIncludedToExcluded) {
  EXPECT_THAT(find({"--from", "2025-11-21"}), ElementsAre("3", "2", "1"));
  EXPECT_THAT(find({"--from", "2025-11-21", "--to", "2025-11-22"}), ElementsAre("2", "1"));
  EXPECT_THAT(find({"--to", "2025-11-21T10:00:00Z"}), ElementsAre("0"));
  // Beside the expression, not instead of it: a time in there is no "or".
  EXPECT_THAT(find({"time:2025-11-20", "--from", "2025-11-21"}), IsEmpty());
  EXPECT_THAT(find({"--from", "-1m"}), IsEmpty());
}

TEST_F(QueryTest, BadTimesNumbersAndFormatsAreErrors) {
  EXPECT_THAT(error({"--from", "soon"}), HasSubstr("--from: \"soon\" is no time"));
  EXPECT_THAT(error({"--from", "2025-11-22", "--to", "2025-11-22"}),
              HasSubstr("--to: must be later"));
  EXPECT_THAT(error({"--limit", "0"}), HasSubstr("--limit: must be at least 1"));
  EXPECT_THAT(error({"--limit", "few"}), HasSubstr("--limit"));
  EXPECT_THAT(error({"--format", "xml"}),
              HasSubstr("--format: must be table, json, ndjson or csv"));
  EXPECT_THAT(error({"--json", "--format", "csv"}), HasSubstr("contradicts"));
}

TEST_F(QueryTest, AnUnknownKeySuggestsTheNearest) {
  EXPECT_THAT(error({"actr:alice"}), HasSubstr("did you mean actor?"));
  EXPECT_THAT(error({"-severty:debug"}), HasSubstr("did you mean severity?"));
  EXPECT_THAT(error({"result:failed"}), HasSubstr("failure"));
}

TEST_F(QueryTest, ALimitIsSaidOnlyWhenItCut) {
  const auto cut = user_.run({"query", "--limit", "2", "--format", "ndjson"});
  EXPECT_THAT(lines_of(cut.out), SizeIs(2));
  EXPECT_THAT(cut.err,
              HasSubstr("stopped after 2 entries (--limit); older ones were not looked at"));
  EXPECT_EQ(user_.run({"query", "--limit", "4"}).err, "");
  EXPECT_EQ(user_.run({"query", "--limit", "9"}).err, "");
  EXPECT_THAT(user_.run({"query", "--limit", "1", "--oldest-first"}).err, HasSubstr("newer ones"));
}

TEST_F(QueryTest, EveryFormat) {
  const auto json = user_.run({"query", "--json"});
  json::Document document;
  const auto root = document.parse(json.out);
  ASSERT_TRUE(root) << json;
  std::size_t elements = 0;
  for (const json::Value element : root->children()) elements += element.find("seq") ? 1U : 0U;
  EXPECT_EQ(elements, 4U);
  EXPECT_EQ(user_.run({"query", "--format", "json"}).out, json.out);
  const auto empty = user_.run({"query", "--json", "actor:nobody"});
  EXPECT_TRUE(document.parse(empty.out)) << empty;
  const auto csv = lines_of(user_.run({"query", "--format", "csv"}).out);
  ASSERT_THAT(csv, SizeIs(5));
  EXPECT_THAT(csv[0], StartsWith("seq,timestamp,"));
  const auto table = lines_of(user_.run({"query"}).out);
  ASSERT_THAT(table, SizeIs(5));
  EXPECT_THAT(table[1], HasSubstr("denied"));
  EXPECT_THAT(user_.run({"query"}).out, Not(HasSubstr("\x1b"))) << "colour in a pipe";
}

TEST_F(QueryTest, TablesFitTheWidth) {
  for (const char* columns : {"60", "200"}) {
    test::RunOptions options;
    options.environment["COLUMNS"] = columns;
    for (const std::string& row : lines_of(user_.run({"query"}, options).out)) {
      EXPECT_LE(row.size(), std::stoul(columns) + 20) << row;  // bytes; an ellipsis has three
    }
  }
}

TEST_F(QueryTest, CountsAndStatuses) {
  EXPECT_EQ(user_.run({"query", "--count"}).out, "4\n");
  EXPECT_EQ(user_.run({"query", "--count", "actor:alice"}).out, "3\n");
  EXPECT_EQ(user_.run({"query", "--count", "--json", "actor:alice"}).out, "{\"count\":3}\n");
  EXPECT_EQ(user_.run({"query", "actor:nobody"}).status, 0);
  const auto none = user_.run({"query", "actor:nobody", "--fail-if-none"});
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, HasSubstr("no entry matches"));
  EXPECT_EQ(user_.run({"query", "actor:alice", "--fail-if-none"}).status, 0);
}

TEST_F(QueryTest, ARawSessionIdIsHashedForTheOwnerOfTheLog) {
  user_.run({"append"}, R"({"event_name":"auth-login","session_id":"sess-4711"})");
  EXPECT_THAT(user_.run({"query", "--format", "ndjson"}).out, Not(HasSubstr("4711")));
  EXPECT_THAT(find({"session:sess-4711"}), ElementsAre("4"));
  EXPECT_THAT(find({"session:sess-4712"}), IsEmpty());
}

TEST_F(QueryTest, EndsQuietlyWhenTheReaderHasEnough) {
  user_.run({"append"}, test::events(20'000));
  test::Running query({"query", "--format", "ndjson"}, user_.home(), {});
  query.read_until("\"seq\":20003,");
  query.close_output();
  const auto ran = query.wait();
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.err, "");
}

TEST_F(QueryTest, LoggedTextCannotSteerTheTerminal) {
  user_.run({"append"}, R"({"event_name":"auth-login","actor_id":"x\u001b[2Jy"})");
  EXPECT_THAT(user_.run({"query"}).out, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace tally::cli
