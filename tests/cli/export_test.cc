// SPDX-License-Identifier: Apache-2.0
// tallystick export as a user meets it; formats and walk are tested in tests/sink.
#include "base/json.h"
#include "cli/program.h"
#include "sink/formats.h"
#include "storage/file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <sys/resource.h>

namespace tally::cli {
namespace {

using test::lines_of;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

/// With everything that CSV has to quote.
constexpr const char* kEvents =
    R"({"event_name":"auth-login","actor_id":"=cmd|' /C calc'!A0","timestamp":"2025-11-20T10:00:00Z"}
{"event_name":"auth-login","actor_id":"a,\"b\"\r\nc","event_result":"failure","timestamp":"2025-11-21T10:00:00Z","error_message":"no, not\n\"you\""}
{"event_name":"mcp-tool-execution","actor_id":"jäne ✓","target_type":"tool","target_id":"files/x","target_name":"x","details":{"n":1,"text":"a;b,c"},"duration_ms":0.5}
{"event_name":"mcp-tool-execution","actor_id":"-1+1","extra":{"k":[1,2]},"error_message":"\ttab"}
)";

class ExportCommandTest : public ::testing::Test {
 protected:
  void fill(const std::string& events) const {
    const auto ran = user_.run({"append"}, events);
    ASSERT_EQ(ran.status, 0) << ran;
  }
  [[nodiscard]] test::Ran run(std::vector<std::string> words) const {
    words.insert(words.begin(), "export");
    return user_.run(words);
  }
  [[nodiscard]] std::string file() const { return user_.home() + "/out"; }
  [[nodiscard]] bool exists(const std::string& path) const {
    return storage::posix_file_system().stat(path)->has_value();
  }
  test::User user_;
};

TEST_F(ExportCommandTest, EveryEntryOnceInEachFormatAndTheSameInAFile) {
  fill(test::events(2'000, 0, 300));
  for (const sink::Format& format : sink::kFormats) {
    const std::string name(format.name);
    const auto ran = run({"--format", name});
    ASSERT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(ran.err, "") << "quiet in a pipe";
    const auto filed = run({"--format", name, "-o", file()});
    EXPECT_EQ(filed.status, 0) << filed;
    EXPECT_EQ(filed.out, "");
    EXPECT_EQ(test::read_whole(file()), ran.out) << name;
    std::size_t at = 0;
    for (int i = 0; i < 2'000; ++i) {
      const std::string seq =
          name == "csv" ? "\n" + std::to_string(i) + ',' : "\"seq\":" + std::to_string(i) + ',';
      const std::size_t next = ran.out.find(seq, at);
      ASSERT_NE(next, std::string::npos) << name << ' ' << i;
      ASSERT_EQ(ran.out.find(seq, next + 1), std::string::npos) << name << ' ' << i;
      at = next;
    }
  }
}

TEST_F(ExportCommandTest, PythonReadsTheCsvAsItWasMeant) {
  fill(kEvents);
  ASSERT_EQ(run({"--format", "csv", "-o", user_.home() + "/out.csv"}).status, 0);
  ASSERT_EQ(run({"--format", "ndjson", "-o", user_.home() + "/out.ndjson"}).status, 0);
  user_.write("compare.py", R"(
import csv, json
rows = list(csv.DictReader(open("out.csv", newline="", encoding="utf-8"), strict=True))
entries = [json.loads(line) for line in open("out.ndjson", encoding="utf-8")]
assert len(rows) == len(entries) == 4, (len(rows), len(entries))
for row, entry in zip(rows, entries):
    assert None not in row and None not in row.values(), row
    rest = dict(entry)
    for name, cell in row.items():
        if name == "other": continue
        value = rest.pop(name, None)
        if value is None: wanted = ""
        elif isinstance(value, (dict, list)): assert json.loads(cell) == value, name; continue
        elif isinstance(value, str): wanted = "'" + value if value[0] in "=+-@\t\r" else value
        else: assert json.loads(cell) == value, name; continue
        assert cell == wanted, (name, cell, wanted)
    assert {k: v for k, v in rest.items() if v is not None} == json.loads(row["other"] or "{}"), rest
print("same")
)");
  const std::string command = "cd '" + user_.home() + "' && python3 compare.py 2>&1";
  std::string said;
  FILE* const pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) said += static_cast<char>(c);
  EXPECT_EQ(::pclose(pipe), 0);
  EXPECT_EQ(said, "same\n");
}

TEST_F(ExportCommandTest, ExpressionAndWindowChoose) {
  fill(kEvents);
  EXPECT_THAT(lines_of(run({"--format", "ndjson", "event:auth-login"}).out), SizeIs(2));
  EXPECT_THAT(lines_of(run({"--format", "ndjson", "--from", "2025-11-20", "--to", "2025-11-21",
                            "event:auth-login", "-result:failure"})
                           .out),
              SizeIs(1));
  const auto none = run({"--format", "json", "actor:nobody"});
  EXPECT_EQ(none.status, 0);
  EXPECT_EQ(none.out, "[]\n");
  EXPECT_THAT(none.err, HasSubstr("no entry matches"));
}

TEST_F(ExportCommandTest, TheIndexChangesNothing) {
  fill(test::events(3'000));
  ASSERT_EQ(user_.run({"index", "rebuild"}).status, 0);
  fill(test::events(50, 3'000));
  for (const char* expression : {"seq:17", "\"n 2999\"", "event:nothing", "", "seq:2990..3010"}) {
    const auto with = run({"--format", "csv", expression});
    const auto without = run({"--format", "csv", "--no-index", expression});
    EXPECT_EQ(with.out, without.out) << expression;
    EXPECT_EQ(with.status, without.status);
  }
}

TEST_F(ExportCommandTest, WhatIsWrongIsSaidBeforeThereIsAFile) {
  fill(kEvents);
  const auto wrong = [&](const std::vector<std::string>& words, const char* text) {
    std::vector<std::string> all{"-o", file()};
    all.insert(all.end(), words.begin(), words.end());
    const auto ran = run(all);
    EXPECT_EQ(ran.status, 2) << ran;
    EXPECT_THAT(ran.err, HasSubstr(text));
    EXPECT_FALSE(exists(file()));
    EXPECT_FALSE(exists(file() + ".partial"));
  };
  wrong({}, "--format: must be json, ndjson, csv or backstage");
  wrong({"--format", "xml"}, "not \"xml\"");
  wrong({"--format", "json", "actr:x"}, "did you mean actor?");
  wrong({"--format", "json", "--from", "soon"}, "--from");
  wrong({"--format", "json", "--log", user_.home() + "/none"}, "none");
}

TEST_F(ExportCommandTest, ADamagedEntryEndsItAndLeavesNoFile) {
  fill(test::events(3'000, 0, 400));
  const std::string segment = user_.log() + "/segments/00000000000000000000.jsonl";
  std::string text = test::read_whole(segment);
  const std::size_t at = text.find("\"seq\":2900,");
  ASSERT_NE(at, std::string::npos);
  text[text.find("xxx", at)] = 'y';
  test::write_whole(segment, text);
  const auto ran = run({"--format", "json"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("entry 2900 is not the one that the tree has"));
  EXPECT_THAT(ran.err, HasSubstr("the export is not complete"));
  EXPECT_THAT(ran.out, ::testing::Not(EndsWith("]\n")));
  EXPECT_EQ(run({"--format", "csv", "-o", file()}).status, 2);
  EXPECT_FALSE(exists(file()));
  EXPECT_FALSE(exists(file() + ".partial"));
  // What was altered no longer matches; that is no reason to leave it out unseen.
  EXPECT_EQ(run({"--format", "ndjson", "event:nothing"}).status, 2);
}

TEST_F(ExportCommandTest, ADiskThatIsFullAndAReaderThatLeaves) {
  fill(test::events(20'000, 0, 200));
  test::RunOptions small;
  small.in_child = [] {
    const rlimit limit{1'000'000, 1'000'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  };
  const auto full = user_.run({"export", "--format", "csv", "-o", file()}, small);
  EXPECT_EQ(full.status, 2) << full.err;
  EXPECT_THAT(full.err, HasSubstr("the export is not complete"));
  EXPECT_FALSE(exists(file()));
  EXPECT_FALSE(exists(file() + ".partial"));

  test::Running leaving({"export", "--format", "ndjson"}, user_.home(), {});
  EXPECT_THAT(leaving.read_until("\"seq\":1,"), HasSubstr("\"seq\":0,"));
  leaving.close_output();
  const auto left = leaving.wait();
  EXPECT_EQ(left.status, 2) << left.err;
  EXPECT_THAT(left.err, HasSubstr("the export is not complete"));

  test::RunOptions device;
  device.in_child = [] { ASSERT_NE(std::freopen("/dev/full", "w", stdout), nullptr); };
  EXPECT_EQ(user_.run({"export", "--format", "json"}, device).status, 2);
}

TEST_F(ExportCommandTest, AnInterruptedOneLeavesNoFile) {
  fill(test::events(5'000, 0, 200));
  user_.write("out", "old");
  test::RunOptions options;
  // Pending before it looks the first time: blocked here, taken up by what waits for signals.
  options.in_child = [] {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    ::raise(SIGTERM);
  };
  const auto ran = user_.run({"export", "--format", "csv", "-o", file()}, options);
  EXPECT_EQ(ran.status, 128 + SIGTERM) << ran;
  EXPECT_THAT(ran.err, HasSubstr("interrupted; the export is not complete"));
  EXPECT_EQ(test::read_whole(file()), "old");
  EXPECT_FALSE(exists(file() + ".partial"));
}

TEST_F(ExportCommandTest, ExplainsItself) {
  EXPECT_EQ(run({"--formats"}).out, sink::formats_markdown());
  const auto help = run({"--help"});
  EXPECT_EQ(help.status, 0);
  for (const sink::Format& format : sink::kFormats) {
    EXPECT_THAT(help.out, HasSubstr(std::string(format.summary)));
  }
  EXPECT_THAT(run({"--format", "json"}).err, StartsWith("tallystick: export: "));
}

}  // namespace
}  // namespace tally::cli
