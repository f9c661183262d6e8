// SPDX-License-Identifier: Apache-2.0
// tallystick verify as a user meets it; what verification finds is tested in tests/log.
#include "base/json.h"
#include "cli/program.h"
#include "cli/remote_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace tally::cli {
namespace {

namespace fs = std::filesystem;
using test::events;
using ::testing::HasSubstr;
using ::testing::Not;

class VerifyTest : public ::testing::Test {
 protected:
  VerifyTest() { user_.run({"append"}, events(50)); }
  [[nodiscard]] std::string segment() const {
    return user_.log() + "/segments/00000000000000000000.jsonl";
  }
  void edit(const std::string& from, const std::string& to) {
    std::string lines = test::read_whole(segment());
    ASSERT_NE(lines.find(from), std::string::npos);
    lines.replace(lines.find(from), from.size(), to);
    test::write_whole(segment(), lines);
  }
  test::User user_;
};

TEST_F(VerifyTest, AGoodLogIsStatusZeroAndSaysWhatWasNotSeen) {
  const auto ran = user_.run({"verify"});
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_EQ(ran.err, "");
  EXPECT_THAT(ran.out, HasSubstr("50 committed, 50 signed"));
  EXPECT_THAT(ran.out, HasSubstr("pinned in the private folder"));
  EXPECT_THAT(ran.out, HasSubstr("Not checked: whether an older copy"));
}

TEST_F(VerifyTest, EachChangedEntryIsNamed) {
  edit("\"n\":7}", "\"n\":8}");
  const auto ran = user_.run({"verify"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, HasSubstr("problem   entry-altered: entry 7: "));
  EXPECT_THAT(ran.out, HasSubstr("NOT ok: 1 problem in 50 entries"));
  const auto json = user_.run({"verify", "--json"});
  EXPECT_EQ(json.status, 1);
  json::Document document;
  const auto root = document.parse(json.out);
  ASSERT_TRUE(root) << json;
  EXPECT_EQ(root->find("ok")->raw(), "false");
  const json::Value problem = *root->find("problems")->children().begin();
  EXPECT_EQ(problem.find("kind")->text(), "entry-altered");
  EXPECT_EQ(problem.find("seq")->raw(), "7");
}

TEST_F(VerifyTest, AnOlderCopyIsFoundOnlyWithACheckpointFromElsewhere) {
  fs::copy(user_.log(), user_.home() + "/older", fs::copy_options::recursive);
  user_.run({"append"}, events(10, 50));
  const std::string kept = user_.write("kept", user_.run({"checkpoint"}).out);
  EXPECT_EQ(user_.run({"verify", "--against", kept}).status, 0);
  EXPECT_THAT(user_.run({"verify", "--against", kept}).out, Not(HasSubstr("Not checked")));

  fs::remove_all(user_.log());
  fs::rename(user_.home() + "/older", user_.log());
  EXPECT_EQ(user_.run({"verify"}).status, 0);
  const auto ran = user_.run({"verify", "--against", kept});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, HasSubstr("problem   outside-checkpoint: "));
  EXPECT_THAT(ran.out, HasSubstr(kept));
}

TEST_F(VerifyTest, ALogOfAnotherKeyInItsPlaceIsFound) {
  const std::string key = user_.run({"key", "show"}).out;
  const std::string vkey = key.substr(0, key.find('\n'));
  EXPECT_EQ(user_.run({"verify", "--key", vkey}).status, 0);
  EXPECT_THAT(user_.run({"verify", "--key", vkey, "--json"}).out, HasSubstr("\"trust\":\"given\""));
  EXPECT_EQ(user_.run({"verify", "--key", user_.log() + "/key.pub"}).status, 0);

  fs::remove_all(user_.log());
  user_.run({"append"}, events(50));
  EXPECT_EQ(user_.run({"verify"}).status, 0);
  const auto ran = user_.run({"verify", "--key", vkey});
  EXPECT_EQ(ran.status, 1) << ran;
  EXPECT_THAT(ran.out, HasSubstr("problem   key: "));
}

TEST_F(VerifyTest, WhatCannotBeReadIsWrongInputNotAFinding) {
  const std::string nonsense = user_.write("nonsense", "no checkpoint\n");
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"verify", "--against", nonsense},
                                             {"verify", "--against", "no-such-file"},
                                             {"verify", "--key", "nonsense"},
                                             {"verify", "--key", nonsense},
                                             {"verify", "word"}}) {
    const auto ran = user_.run(words);
    EXPECT_EQ(ran.status, 2) << words.back() << ran;
    EXPECT_EQ(ran.out, "");
  }
}

TEST_F(VerifyTest, EntriesNotYetSignedAreSaidAndNoFailure) {
  test::Running append({"append"}, user_.home(), {});
  append.send(events(1, 50));
  test::wait_until([&] { return user_.run({"query", "--count"}).out == "51\n"; });
  const auto ran = user_.run({"verify", "--json"});
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_THAT(ran.out, HasSubstr("\"size\":51,\"signed_size\":5"));
  append.close_input();
  EXPECT_EQ(append.wait().status, 0);
}

TEST_F(VerifyTest, TheStatusDoesNotDependOnWhoReads) {
  edit("alice", "mally");
  test::Running verify({"verify"}, user_.home(), {});
  verify.close_output();
  EXPECT_EQ(verify.wait().status, 1);
}

TEST(VerifyRemote, ChecksWhatTheServerHasSigned) {
  const test::RemoteService service(700);
  const std::string key = service.owner().keys() + "/sign.pub";
  const auto fine = service.run({"verify", "--key", key});
  EXPECT_EQ(fine.status, 0) << fine;
  EXPECT_THAT(fine.out, HasSubstr("ok: every entry"));
  EXPECT_THAT(fine.out, HasSubstr("key: as given"));
  const auto json = service.run({"verify", "--json", "--key", key});
  EXPECT_THAT(json.out, HasSubstr("\"ok\":true"));

  const std::string segment = service.owner().log() + "/segments/00000000000000000000.jsonl";
  std::string lines = test::read_whole(segment);
  const std::size_t at = lines.find("alice", lines.find("{\"seq\":300,"));
  lines.replace(at, 5, "mally");
  test::write_whole(segment, lines);
  const auto changed = service.run({"verify", "--key", key});
  EXPECT_EQ(changed.status, 1) << changed;
  EXPECT_THAT(changed.out, HasSubstr("entry-altered: entry 300"));

  const test::User other;
  other.run({"append"}, events(1));
  const auto wrong = service.run({"verify", "--key", other.keys() + "/sign.pub"});
  EXPECT_EQ(wrong.status, 1) << wrong;
  EXPECT_THAT(wrong.out, HasSubstr("checkpoint: "));
}

}  // namespace
}  // namespace tally::cli
