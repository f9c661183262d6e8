// SPDX-License-Identifier: Apache-2.0
#include "access/token_file.h"

#include "access/moving_clock.h"
#include "base/limits.h"
#include "storage/simulated_file_system.h"
#include "storage/temporary_directory.h"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <thread>

namespace tally::access {
namespace {

constexpr WallTime kNow{std::chrono::seconds(1'800'000'000)};

class TokenFileTest : public ::testing::Test {
 protected:
  TokenRecord next(std::optional<WallTime> expires = std::nullopt) {
    return make_token({"", Role::auditor, {}, expires}, kNow, system_random()).record;
  }
  storage::TemporaryDirectory folder_;
  TokenFile file_{storage::posix_file_system(), folder_.path()};
};

TEST_F(TokenFileTest, KeepsWhatIsAddedUntilItIsRevoked) {
  EXPECT_EQ(file_.exists(), false);
  EXPECT_TRUE(file_.load()->empty());
  const TokenRecord a = next(), b = next();
  ASSERT_TRUE(file_.add(a, kNow));
  ASSERT_TRUE(file_.add(b, kNow));
  EXPECT_EQ(file_.load(), (std::vector<TokenRecord>{a, b}));
  EXPECT_EQ(file_.add(a, kNow).error().code, Errc::already_exists);
  EXPECT_EQ(file_.revoke(a.id), a);
  EXPECT_EQ(file_.revoke(a.id).error().code, Errc::not_found);
  EXPECT_EQ(file_.revoke(b.id), b);
  EXPECT_TRUE(file_.load()->empty());
  EXPECT_EQ(file_.exists(), true) << "else the next start would make a first token again";
}

TEST_F(TokenFileTest, OnlyItsOwnerMayUseIt) {
  ASSERT_TRUE(file_.add(next(), kNow));
  struct stat info {};
  ASSERT_EQ(::stat(file_.path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  ASSERT_EQ(::chmod(file_.path().c_str(), 0640), 0);
  EXPECT_EQ(file_.load().error().code, Errc::permission_denied);
}

TEST_F(TokenFileTest, ExpiredTokensMakeRoomWhenItIsFull) {
  std::string text;
  for (std::size_t i = 0; i < kTokensMax; ++i) {
    text += format_record(next(i == 7 ? std::optional(kNow) : std::nullopt)) + "\n";
  }
  ASSERT_TRUE(storage::replace_file(storage::posix_file_system(), file_.path(), text));
  ASSERT_TRUE(file_.add(next(), kNow));
  EXPECT_EQ(file_.load()->size(), kTokensMax);
  EXPECT_EQ(file_.add(next(), kNow).error().code, Errc::too_large);
}

TEST_F(TokenFileTest, SeveralMayAddAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10; ++n) {
        EXPECT_TRUE(TokenFile(storage::posix_file_system(), folder_.path()).add(next(), kNow));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(file_.load()->size(), 40U);
}

TEST_F(TokenFileTest, ABrokenFileIsNamedWithItsLine) {
  ASSERT_TRUE(storage::replace_file(storage::posix_file_system(), file_.path(),
                                    format_record(next()) + "\nnonsense\n"));
  const auto loaded = file_.load();
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().detail.find(file_.path() + ": line 2"), std::string::npos)
      << loaded.error().detail;
  EXPECT_FALSE(TokenFile::parse(format_record(next()))) << "cut off before its LF";
}

TEST(TokenFileFaults, AFailureAtAnyStepLeavesTheOldOrTheNewTokens) {
  const TokenRecord old = make_token({}, kNow, system_random()).record;
  const TokenRecord added = make_token({}, kNow, system_random()).record;
  for (std::uint64_t step = 0;; ++step) {
    storage::SimulatedFileSystem fs;
    ASSERT_TRUE(storage::make_directories(fs, "/keys"));
    const TokenFile file(fs, "/keys");
    ASSERT_TRUE(file.add(old, kNow));
    fs.fail_at(fs.steps() + step, storage::FaultKind::crash_inside);
    const bool done = file.add(added, kNow).has_value();
    const bool hit = fs.faults_hit() != 0;
    const auto after = fs.after_power_cut(step);
    const auto found = TokenFile(*after, "/keys").load();
    ASSERT_TRUE(found) << "step " << step << ": " << found.error().detail;
    ASSERT_FALSE(found->empty()) << "step " << step;
    EXPECT_EQ(found->front(), old);
    EXPECT_TRUE(!done || found->size() == 2) << "step " << step;
    if (!hit) break;
  }
}

}  // namespace
}  // namespace tally::access
