// SPDX-License-Identifier: Apache-2.0
// tallystick index and what it changes for query: nothing but the time.
#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace tally::cli {
namespace {

using ::testing::HasSubstr;

/// One stored partition and some entries more; one in a thousand is of `rare`.
std::string many_events() {
  std::string out;
  for (int i = 0; i < 135'000; ++i) {
    out += R"({"event_name":"auth-login","event_id":"019aa7c2-5b1e-7c3a-9f00-)" +
           std::to_string(100'000'000'000 + i) + R"(","timestamp":"2026-11-)" +
           std::to_string(10 + i % 15) + R"(T10:00:00Z","actor_id":")" +
           (i % 1'000 == 7 ? "rare" : "usual") + "\"}\n";
  }
  return out;
}

class IndexCommandTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    user_ = new test::User();
    const auto appended = user_->run({"append", "--json"}, many_events());
    ASSERT_EQ(appended.status, 0) << appended;
  }
  static void TearDownTestSuite() {
    delete user_;
    user_ = nullptr;
  }
  void expect_same(std::vector<std::string> words) {
    words.insert(words.begin(), "query");
    const auto indexed = user_->run(words);
    words.insert(words.begin() + 1, "--no-index");
    const auto scanned = user_->run(words);
    EXPECT_EQ(indexed.out, scanned.out) << ::testing::PrintToString(words);
    EXPECT_EQ(indexed.err, scanned.err) << ::testing::PrintToString(words);
    EXPECT_EQ(indexed.status, scanned.status);
    EXPECT_FALSE(scanned.out.empty() && scanned.status != 1) << ::testing::PrintToString(words);
  }
  static test::User* user_;
};
test::User* IndexCommandTest::user_ = nullptr;

TEST_F(IndexCommandTest, RebuildAndStatusTellWhatIsStored) {
  const auto before = user_->run({"index", "status", "--json"});
  EXPECT_EQ(before.status, 0) << before;
  EXPECT_THAT(before.out, HasSubstr(R"("entries":135000)"));
  const auto rebuilt = user_->run({"index", "rebuild", "--json"});
  EXPECT_EQ(rebuilt.status, 0) << rebuilt;
  EXPECT_THAT(rebuilt.out, HasSubstr(R"("stored":131072,"files":1)"));
  EXPECT_THAT(rebuilt.out, HasSubstr(R"("problem":null)"));
  EXPECT_EQ(rebuilt.err, "");
  const auto status = user_->run({"index", "status"});
  EXPECT_THAT(status.out, HasSubstr("131,072 of 135,000 entries stored in 1 file"));
}

TEST_F(IndexCommandTest, QueryAnswersTheSameByteForByte) {
  ASSERT_EQ(user_->run({"index", "rebuild"}).status, 0);
  expect_same({"--format", "ndjson", "actor:rare"});
  expect_same({"--format", "ndjson", "actor:rare", "--oldest-first"});
  expect_same({"--format", "ndjson", "actor:rare", "--limit", "5"});
  expect_same({"--format", "ndjson", "actor:rare", "--limit", "5", "--oldest-first"});
  expect_same({"--format", "csv", "actor:rare", "seq:5000..134999"});
  expect_same({"--json", "actor:rare", "00013"});
  expect_same({"--count", "actor:usual"});
  expect_same({"--count", "actor:usual", "seq:100..131080"});
  expect_same({"--count", "actor:rare", "--limit", "7"});
  expect_same({"--format", "ndjson", "id:019aa7c2-5b1e-7c3a-9f00-100000000007"});
  expect_same({"--format", "ndjson", "id:019aa7c2-5b1e-7c3a-9f00-100000134999"});
  expect_same({"--format", "ndjson", "actor:rare", "--from", "2026-11-12", "--to", "2026-11-14"});
  expect_same({"--fail-if-none", "actor:nobody"});
}

TEST_F(IndexCommandTest, ADamagedIndexChangesNoAnswer) {
  ASSERT_EQ(user_->run({"index", "rebuild"}).status, 0);
  const std::string file = user_->log() + "/index/00000000000000000000.sqlite";
  ASSERT_TRUE(std::filesystem::exists(file));
  const auto size = std::filesystem::file_size(file);
  {
    std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
    for (std::uintmax_t at = 5'000; at < size; at += 9'001) {
      out.seekp(static_cast<std::streamoff>(at));
      out.write("XXXX", 4);
    }
  }
  expect_same({"--format", "ndjson", "actor:rare"});
  std::filesystem::resize_file(file, size / 2);
  expect_same({"--format", "ndjson", "actor:rare"});
  std::ofstream(file) << "";
  expect_same({"--count", "actor:usual"});
}

TEST_F(IndexCommandTest, WrongWordsAreRefused) {
  EXPECT_EQ(user_->run({"index"}).status, 2);
  EXPECT_EQ(user_->run({"index", "repair"}).status, 2);
  EXPECT_EQ(user_->run({"index", "status", "--log", "/nowhere"}).status, 2);
  EXPECT_EQ(user_->run({"index", "rebuild", "--log", "/nowhere"}).status, 2);
  EXPECT_EQ(user_->run({"index", "--help"}).status, 0);
}

}  // namespace
}  // namespace tally::cli
