// SPDX-License-Identifier: Apache-2.0
#include "cli/program.h"
#include "merkle/tlog_proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::cli {
namespace {

using test::events;
using ::testing::HasSubstr;

class ProveTest : public ::testing::Test {
 protected:
  ProveTest() {
    user_.run({"append"}, events(7));
    user_.run({"append"}, events(13, 7));
  }
  std::string error(std::vector<std::string> words) {
    words.insert(words.begin(), "prove");
    const auto ran = user_.run(words);
    EXPECT_EQ(ran.status, 2) << ran;
    EXPECT_EQ(ran.out, "");
    return ran.err;
  }
  test::User user_;
};

TEST_F(ProveTest, OneEntryAgainstTheLatestOrAKeptCheckpoint) {
  for (const char* seq : {"0", "6", "7", "19"}) {
    const auto ran = user_.run({"prove", seq});
    ASSERT_EQ(ran.status, 0) << ran;
    const auto proof = merkle::parse_inclusion_proof(ran.out);
    ASSERT_TRUE(proof) << ran;
    EXPECT_EQ(std::to_string(proof->index.value()), seq);
    EXPECT_EQ(merkle::read_unverified_checkpoint(proof->checkpoint_note)->size, TreeSize{20});
  }
  const auto older = merkle::parse_inclusion_proof(user_.run({"prove", "3", "--size", "7"}).out);
  ASSERT_TRUE(older);
  EXPECT_EQ(merkle::read_unverified_checkpoint(older->checkpoint_note)->size, TreeSize{7});
}

TEST_F(ProveTest, TwoTrees) {
  const auto ran = user_.run({"prove", "--consistency", "7", "20"});
  ASSERT_EQ(ran.status, 0) << ran;
  const auto proof = merkle::parse_consistency_proof(ran.out);
  ASSERT_TRUE(proof);
  EXPECT_EQ(proof->old_size, TreeSize{7});
  EXPECT_EQ(user_.run({"prove", "--consistency", "7"}).out, ran.out) << "to the latest by default";
}

TEST_F(ProveTest, IntoAFileOrAsJson) {
  const std::string file = user_.home() + "/proof";
  EXPECT_EQ(user_.run({"prove", "3", "-o", file}).out, "");
  EXPECT_EQ(test::read_whole(file), user_.run({"prove", "3"}).out);
  EXPECT_THAT(
      user_.run({"prove", "3", "--json"}).out,
      HasSubstr(R"({"kind":"inclusion","seq":3,"proof":"c2sp.org/tlog-proof@v1\nindex 3\n)"));
  EXPECT_THAT(user_.run({"prove", "--consistency", "7", "--json"}).out,
              HasSubstr(R"({"kind":"consistency","old_size":7,"proof":"tallystick/)"));
  EXPECT_THAT(error({"3", "-o", user_.home() + "/no/such/folder"}), HasSubstr("no/such/folder"));
}

TEST_F(ProveTest, WhatCannotBeProvedIsSaid) {
  EXPECT_THAT(error({"20"}), HasSubstr("no entry 20; the log has 20"));
  EXPECT_THAT(error({"3", "--size", "8"}), HasSubstr("no checkpoint over 8 entries was kept"));
  EXPECT_THAT(error({"7", "--size", "7"}), HasSubstr("entry 7 is not in the checkpoint over 7"));
  EXPECT_THAT(error({"--consistency", "20", "7"}), HasSubstr("swap"));
}

TEST_F(ProveTest, WrongUsage) {
  EXPECT_THAT(error({}), HasSubstr("SEQ: the number of one entry"));
  EXPECT_THAT(error({"1", "2"}), HasSubstr("SEQ: the number of one entry"));
  EXPECT_THAT(error({"three"}), HasSubstr("\"three\" is not a number"));
  EXPECT_THAT(error({"--consistency"}), HasSubstr("OLD and NEW"));
  EXPECT_THAT(error({"--consistency", "1", "--size", "2"}), HasSubstr("no --size"));
}

TEST_F(ProveTest, AnEntryThatWasChangedIsNotProved) {
  const std::string segment = user_.log() + "/segments/00000000000000000000.jsonl";
  std::string lines = test::read_whole(segment);
  lines.replace(lines.find("\"n\":3}"), 6, "\"n\":4}");
  test::write_whole(segment, lines);
  EXPECT_THAT(error({"3"}), HasSubstr("run tallystick verify"));
  EXPECT_EQ(user_.run({"prove", "4"}).status, 0);
}

}  // namespace
}  // namespace tally::cli
