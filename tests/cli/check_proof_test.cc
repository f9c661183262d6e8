// SPDX-License-Identifier: Apache-2.0
#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace tally::cli {
namespace {

using test::events;
using test::Ran;
using ::testing::HasSubstr;

class CheckProofTest : public ::testing::Test {
 protected:
  CheckProofTest() {
    user_.run({"append"}, events(7));
    old_ = user_.write("old", user_.run({"checkpoint"}).out);
    user_.run({"append"}, events(13, 7));
    proof_ = user_.write("proof", user_.run({"prove", "5"}).out);
    extension_ = user_.write("extension", user_.run({"prove", "--consistency", "7"}).out);
    line_ = user_.run({"query", "seq:5", "--format", "ndjson"}).out;
    entry_ = user_.write("entry", line_);
    key_ = user_.write("key", test::read_whole(user_.log() + "/key.pub"));
    // From here on only these files count.
    std::filesystem::rename(user_.log(), user_.home() + "/moved");
  }
  Ran check(std::vector<std::string> words, std::string_view input = {}) {
    words.insert(words.begin(), "check-proof");
    return user_.run(words, input);
  }

  test::User user_;
  std::string old_, proof_, extension_, line_, entry_, key_;
};

TEST_F(CheckProofTest, NeedsNoLog) {
  const Ran ran = check({proof_, "--entry", entry_, "--key", key_});
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_THAT(ran.out, HasSubstr("ok: the entry is number 5 of "));
  EXPECT_THAT(ran.out, HasSubstr("20 entries"));
}

TEST_F(CheckProofTest, TheKeyAsTextTheLineWithoutItsEndAndFromStandardInput) {
  std::string vkey = test::read_whole(key_);
  vkey.pop_back();
  EXPECT_EQ(check({proof_, "--entry", entry_, "--key", vkey}).status, 0);
  line_.pop_back();
  EXPECT_EQ(check({proof_, "--entry", "-", "--key", vkey}, line_).status, 0);
  EXPECT_EQ(check({proof_, "--entry", "-", "--key", vkey, "--json"}, line_).out,
            "{\"ok\":true,\"origin\":\"" + vkey.substr(0, vkey.find('+')) +
                "\",\"seq\":5,\"size\":20}\n");
}

TEST_F(CheckProofTest, AnotherEntryIsStatusOneWithTheReason) {
  line_.replace(line_.find("alice"), 5, "mally");
  const Ran ran = check({proof_, "--entry", "-", "--key", key_}, line_);
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, HasSubstr("NOT ok: "));
  EXPECT_THAT(ran.out, HasSubstr("root"));
  const Ran json = check({proof_, "--entry", "-", "--key", key_, "--json"}, line_);
  EXPECT_EQ(json.status, 1);
  EXPECT_THAT(json.out, HasSubstr("\"ok\":false"));
  EXPECT_THAT(json.out, HasSubstr("\"reason\":\""));
}

TEST_F(CheckProofTest, AnotherKeyIsStatusOne) {
  test::User other;
  other.run({"append"}, events(1));
  const Ran ran = check({proof_, "--entry", entry_, "--key", other.log() + "/key.pub"});
  EXPECT_EQ(ran.status, 1) << ran;
}

TEST_F(CheckProofTest, EveryByteOfTheProofCounts) {
  const std::string proof = test::read_whole(proof_);
  for (std::size_t at = 0; at < proof.size(); at += 7) {
    std::string changed = proof;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    test::write_whole(proof_, changed);
    const Ran ran = check({proof_, "--entry", entry_, "--key", key_});
    EXPECT_TRUE(ran.status == 1 || ran.status == 2) << at << ran;
  }
}

TEST_F(CheckProofTest, ALaterTreeHoldsTheOneYouKnow) {
  const Ran ran = check({extension_, "--old", old_, "--key", key_});
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_THAT(ran.out, HasSubstr("the tree of 20 entries"));
  EXPECT_THAT(check({extension_, "--old", old_, "--key", key_, "--json"}).out,
              HasSubstr("\"old_size\":7,\"size\":20}"));
}

TEST_F(CheckProofTest, ATreeYouDoNotKnowIsStatusOne) {
  // A log of the same length with other entries, so another root under another key.
  test::User other;
  other.run({"append"}, events(7));
  const std::string note = user_.write("note", other.run({"checkpoint"}).out);
  EXPECT_EQ(check({extension_, "--old", note, "--key", key_}).status, 1);
  // A checkpoint of another size is not the one the proof is about.
  const std::string proof = test::read_whole(proof_);
  const std::string newest = user_.write("newest", proof.substr(proof.find("\n\n") + 2));
  EXPECT_EQ(check({extension_, "--old", newest, "--key", key_}).status, 1);
}

TEST_F(CheckProofTest, WrongUsageAndInput) {
  const std::string nonsense = user_.write("nonsense", "nonsense\n");
  const std::string two = user_.write("two", line_ + line_);
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{},
                                             {proof_, "--entry", entry_},
                                             {proof_, "--key", key_},
                                             {proof_, "--key", key_, "--old", old_},
                                             {extension_, "--key", key_, "--entry", entry_},
                                             {extension_, "--key", key_},
                                             {nonsense, "--entry", entry_, "--key", key_},
                                             {"no-such-file", "--entry", entry_, "--key", key_},
                                             {proof_, "--entry", "no-such-file", "--key", key_},
                                             {proof_, "--entry", two, "--key", key_},
                                             {proof_, "--entry", entry_, "--key", nonsense},
                                             {extension_, "--old", nonsense, "--key", key_}}) {
    const Ran ran = check(words);
    EXPECT_EQ(ran.status, 2) << ::testing::PrintToString(words) << ran;
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err, "");
  }
}

}  // namespace
}  // namespace tally::cli
