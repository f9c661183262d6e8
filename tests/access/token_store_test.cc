// SPDX-License-Identifier: Apache-2.0
#include "access/token_store.h"

#include "access/moving_clock.h"
#include "base/limits.h"
#include "log/hooked_file_system.h"
#include "storage/temporary_directory.h"

#include <gtest/gtest.h>

namespace tally::access {
namespace {

using Verdict = TokenStore::Verdict;

class TokenStoreTest : public ::testing::Test {
 protected:
  NewToken add(std::optional<WallTime> expires = std::nullopt) {
    NewToken token = make_token({"ci", Role::writer, {}, expires}, clock_.now(), system_random());
    EXPECT_TRUE(file_.add(token.record, clock_.now()));
    return token;
  }
  test::MovingClock clock_;
  storage::TemporaryDirectory folder_;
  TokenFile file_{storage::posix_file_system(), folder_.path()};
  TokenStore store_{file_, clock_};
};

TEST_F(TokenStoreTest, ATokenIsGoodAsSoonAsItWasMade) {
  ASSERT_TRUE(store_.open());
  const NewToken token = add();
  const auto answer = store_.find(token.secret);  // no time has passed
  EXPECT_EQ(answer.verdict, Verdict::good);
  EXPECT_EQ(answer.principal->id, token.record.id);
  EXPECT_EQ(answer.principal->name, "ci");
  EXPECT_EQ(answer.principal->role, Role::writer);
  EXPECT_TRUE(store_.still_good(token.record.id));
  EXPECT_EQ(store_.size(), 1U);
}

TEST_F(TokenStoreTest, OthersAreUnknown) {
  const NewToken token = add();
  ASSERT_TRUE(store_.open());
  std::string near = token.secret;
  near.back() = near.back() == '0' ? '1' : '0';
  for (const std::string& secret : {std::string(), near, token.record.hash, token.record.id}) {
    EXPECT_EQ(store_.find(secret).verdict, Verdict::unknown);
  }
  EXPECT_FALSE(store_.find(near).principal);
}

TEST_F(TokenStoreTest, ARevokedTokenIsRefusedWithinASecond) {
  const NewToken token = add();
  ASSERT_TRUE(store_.open());
  ASSERT_TRUE(file_.revoke(token.record.id));
  static_assert(kTokenReload < std::chrono::seconds(1));
  clock_.pass(kTokenReload);
  EXPECT_FALSE(store_.still_good(token.record.id));
  EXPECT_EQ(store_.find(token.secret).verdict, Verdict::unknown);
}

TEST_F(TokenStoreTest, AnExpiredTokenIsKnownButNotGood) {
  const NewToken token = add(clock_.now() + std::chrono::seconds(10));
  ASSERT_TRUE(store_.open());
  EXPECT_EQ(store_.find(token.secret).verdict, Verdict::good);
  clock_.pass(std::chrono::seconds(10));
  const auto answer = store_.find(token.secret);
  EXPECT_EQ(answer.verdict, Verdict::expired);
  EXPECT_EQ(answer.principal->id, token.record.id);
  EXPECT_FALSE(store_.still_good(token.record.id));
}

TEST_F(TokenStoreTest, ABrokenFileChangesNothingAndIsTold) {
  const NewToken token = add();
  ASSERT_TRUE(store_.open());
  const std::string before = *file_.read();
  ASSERT_TRUE(storage::replace_file(storage::posix_file_system(), file_.path(), "broken\n"));
  clock_.pass(kTokenReload);
  EXPECT_EQ(store_.find(token.secret).verdict, Verdict::good);
  EXPECT_NE(store_.trouble(), "");
  EXPECT_FALSE(TokenStore(file_, clock_).open()) << "told at start";
  ASSERT_TRUE(storage::replace_file(storage::posix_file_system(), file_.path(), before));
  clock_.pass(kTokenReload);
  EXPECT_EQ(store_.find(token.secret).verdict, Verdict::good);
  EXPECT_EQ(store_.trouble(), "");
}

TEST(TokenStoreReads, WrongTokensDoNotMakeTheFileBeReadEachTime) {
  log::HookedFileSystem fs(storage::posix_file_system());
  const storage::TemporaryDirectory folder;
  const test::MovingClock clock;
  const TokenFile file(fs, folder.path());
  const NewToken token = make_token({"ci", Role::writer, {}, {}}, clock.now(), system_random());
  ASSERT_TRUE(file.add(token.record, clock.now()));
  TokenStore store(file, clock);
  ASSERT_TRUE(store.open());
  int reads = 0;
  fs.hooks().before_read = [&reads](const std::string& path) {
    if (path.ends_with("/tokens")) ++reads;
  };
  const NewToken other = make_token({"x", Role::writer, {}, {}}, clock.now(), system_random());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(store.find(other.secret).verdict, Verdict::unknown);
  EXPECT_EQ(reads, 0);
  ASSERT_TRUE(file.add(other.record, clock.now()));
  EXPECT_EQ(store.find(other.secret).verdict, Verdict::good) << "another file is read at once";
  EXPECT_GT(reads, 0);
}

}  // namespace
}  // namespace tally::access
