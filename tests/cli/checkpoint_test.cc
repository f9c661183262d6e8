// SPDX-License-Identifier: Apache-2.0
#include "merkle/checkpoint.h"

#include "base/encoding.h"
#include "base/json.h"
#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>

namespace tally::cli {
namespace {

using test::events;

class CheckpointTest : public ::testing::Test {
 protected:
  CheckpointTest() { user_.run({"append"}, events(5)); }
  crypto::NoteVerifier key() {
    std::string line = test::read_whole(user_.log() + "/key.pub");
    line.pop_back();
    return *crypto::NoteVerifier::parse(line);
  }
  test::User user_;
};

TEST_F(CheckpointTest, PrintsTheSignedNoteAlone) {
  const auto ran = user_.run({"checkpoint"});
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_EQ(ran.err, "");
  const auto verifier = key();
  const auto note = merkle::verify_checkpoint(ran.out, std::span(&verifier, 1), verifier.name());
  ASSERT_TRUE(note) << note.error().detail;
  EXPECT_EQ(note->size(), TreeSize{5});
  EXPECT_EQ(user_.run({"checkpoint"}).out, ran.out) << "nothing new to say";
  EXPECT_EQ(test::read_whole(user_.log() + "/checkpoint"), ran.out);
}

TEST_F(CheckpointTest, SignsWhatAnotherProcessCommitted) {
  test::Running append({"append"}, user_.home(), {});
  append.send(events(3, 5));
  test::wait_until([&] { return user_.run({"query", "--count"}).out == "8\n"; });
  const auto ran = user_.run({"checkpoint", "--json"});
  ASSERT_EQ(ran.status, 0) << ran;
  json::Document document;
  const auto root = document.parse(ran.out);
  ASSERT_TRUE(root) << ran;
  EXPECT_EQ(root->find("size")->raw(), "8");
  EXPECT_EQ(root->find("hash")->text(), "sha256");
  const auto verifier = key();
  const auto note = merkle::verify_checkpoint(root->find("note")->text(), std::span(&verifier, 1),
                                              verifier.name());
  ASSERT_TRUE(note);
  EXPECT_EQ(root->find("root")->text(), to_base64(note->root().bytes()));
  EXPECT_EQ(root->find("origin")->text(), verifier.name());
  append.close_input();
  EXPECT_EQ(append.wait().status, 0);
}

TEST_F(CheckpointTest, TakesNoWords) { EXPECT_EQ(user_.run({"checkpoint", "x"}).status, 2); }

TEST_F(CheckpointTest, ObeysTheSettingsOfWriters) {
  test::RunOptions options;
  options.environment["AUDIT_LOG_RETENTION_DAYS"] = "30";
  EXPECT_EQ(user_.run({"checkpoint"}, options).status, 2);
}

}  // namespace
}  // namespace tally::cli
