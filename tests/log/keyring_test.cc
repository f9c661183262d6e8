// SPDX-License-Identifier: Apache-2.0
#include "log/keyring.h"

#include "log/writing_process.h"
#include "storage/simulated_file_system.h"
#include "storage/temporary_directory.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <sys/stat.h>

namespace tally::log {
namespace {

Environment environment(std::map<std::string, std::string> variables) {
  return [variables](const std::string& name) -> std::optional<std::string> {
    const auto at = variables.find(name);
    return at == variables.end() ? std::nullopt : std::optional(at->second);
  };
}

std::string located(const Environment& variables, const std::string& flag = "") {
  const auto folder = KeyFolder::locate("0123456789abcdef", flag, variables);
  return folder ? folder->path() : "error: " + folder.error().detail;
}

TEST(KeyFolderTest, FlagBeforeVariableBeforeXdgBeforeHome) {
  const std::map<std::string, std::string> all = {
      {"TALLYSTICK_KEYS", "/keys"}, {"XDG_CONFIG_HOME", "/xdg"}, {"HOME", "/h"}};
  EXPECT_EQ(located(environment(all), "/flag"), "/flag");
  EXPECT_EQ(located(environment(all)), "/keys");
  auto some = all;
  some["TALLYSTICK_KEYS"] = "";
  EXPECT_EQ(located(environment(some)), "/xdg/tallystick/0123456789abcdef");
  some["XDG_CONFIG_HOME"] = "relative";
  EXPECT_EQ(located(environment(some)), "/h/.config/tallystick/0123456789abcdef");
}

TEST(KeyFolderTest, WithoutHomeTheFlagIsNamed) {
  const auto folder = KeyFolder::locate("0123456789abcdef", "", environment({}));
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, Errc::invalid_argument);
  EXPECT_NE(folder.error().detail.find("--keys"), std::string::npos);
}

TEST(KeyFolderTest, TheLogDirectoryIsFoundInTheSameWay) {
  EXPECT_EQ(*default_log_directory(environment({{"TALLYSTICK_LOG", "/l"}, {"HOME", "/h"}})), "/l");
  EXPECT_EQ(*default_log_directory(environment({{"XDG_STATE_HOME", "/s"}, {"HOME", "/h"}})),
            "/s/tallystick/log");
  EXPECT_EQ(*default_log_directory(environment({{"HOME", "/h"}})),
            "/h/.local/state/tallystick/log");
  EXPECT_FALSE(default_log_directory(environment({})));
}

TEST(KeyFolderTest, TheProcessesEnvironmentIsRead) {
  ASSERT_EQ(::setenv("TALLYSTICK_TEST_VARIABLE", "value", 1), 0);
  EXPECT_EQ(process_environment()("TALLYSTICK_TEST_VARIABLE"), "value");
  ::unsetenv("TALLYSTICK_TEST_VARIABLE");
  EXPECT_EQ(process_environment()("TALLYSTICK_TEST_VARIABLE"), std::nullopt);
}

class KeyFilesTest : public ::testing::Test {
 protected:
  Keys generate() { return std::move(*Keys::generate("origin.example/log", "", random_)); }
  RepeatableRandom random_{3};
  storage::SimulatedFileSystem fs_;
  KeyFolder folder_{"/keys"};
};

TEST_F(KeyFilesTest, AreReadBackAfterAPowerCut) {
  const Keys keys = generate();
  ASSERT_TRUE(folder_.store(fs_, keys));
  const auto after = fs_.after_power_cut(0);
  const auto read = folder_.load(*after);
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->signer.skey(), keys.signer.skey());
  EXPECT_EQ(read->head_key, keys.head_key);
  EXPECT_EQ(read->digest_key, keys.digest_key);
  EXPECT_EQ(folder_.pinned(*after)->value(), keys.signer.verifier());
  EXPECT_EQ(folder_.head_key(*after), keys.head_key);
}

TEST_F(KeyFilesTest, AnInterruptedStoreHasNoSigningKeyOrAllOfThem) {
  const Keys keys = generate();
  for (std::uint64_t step = 0;; ++step) {
    storage::SimulatedFileSystem machine;
    machine.fail_at(step, storage::FaultKind::crash_inside);
    static_cast<void>(folder_.store(machine, keys));
    if (machine.faults_hit() == 0) break;
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      const auto after = machine.after_power_cut(seed);
      if (after->content("/keys/sign.key")) {
        EXPECT_TRUE(folder_.load(*after)) << step << ", " << seed;
      }
    }
  }
}

TEST_F(KeyFilesTest, MissingKeysAreNamedWithTheWayToGiveThem) {
  const auto read = folder_.load(fs_);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::not_found);
  EXPECT_NE(read.error().detail.find("/keys"), std::string::npos);
  EXPECT_NE(read.error().detail.find("--keys"), std::string::npos);
  EXPECT_FALSE(folder_.pinned(fs_)->has_value());
  EXPECT_EQ(folder_.head_key(fs_), std::nullopt);
}

TEST_F(KeyFilesTest, ADamagedKeyIsRefusedAndNotShown) {
  const Keys keys = generate();
  ASSERT_TRUE(folder_.store(fs_, keys));
  const std::string secret = keys.signer.skey();
  for (const std::string& bad : {std::string(), std::string("\n"), secret, secret + "\n\n",
                                 " " + secret + "\n", secret.substr(1) + "\n"}) {
    fs_.put("/keys/sign.key", bad);
    const auto read = folder_.load(fs_);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::malformed) << read.error().detail;
    EXPECT_EQ(read.error().detail.find(secret.substr(secret.size() - 20)), std::string::npos);
  }
  fs_.put("/keys/sign.key", secret + "\n");
  const std::string head = *fs_.content("/keys/head.key");
  for (const std::string& bad :
       {head.substr(1), head + head, std::string(64, 'A') + "\n", head.substr(0, 64)}) {
    fs_.put("/keys/head.key", bad);
    EXPECT_EQ(folder_.load(fs_).error().code, Errc::malformed);
    EXPECT_EQ(folder_.head_key(fs_), std::nullopt);
  }
}

TEST_F(KeyFilesTest, ADamagedPinnedKeyIsAnErrorNotAMissingOne) {
  ASSERT_TRUE(folder_.store(fs_, generate()));
  fs_.put("/keys/sign.pub", "nonsense\n");
  EXPECT_EQ(folder_.pinned(fs_).error().code, Errc::malformed);
}

TEST_F(KeyFilesTest, PreparedKeysAreUsedOnce) {
  EXPECT_FALSE(folder_.take_prepared(fs_)->has_value());
  const auto prepared = folder_.prepare(fs_, "origin.example/log", "", random_);
  ASSERT_TRUE(prepared) << prepared.error().detail;
  EXPECT_EQ(folder_.prepare(fs_, "origin.example/log", "", random_).error().code,
            Errc::already_exists);
  const auto taken = folder_.take_prepared(fs_);
  ASSERT_TRUE(taken && *taken);
  EXPECT_EQ((*taken)->signer.skey(), prepared->signer.skey());
  ASSERT_TRUE(folder_.mark_used(fs_));
  EXPECT_FALSE(folder_.take_prepared(*fs_.after_power_cut(0))->has_value());
  EXPECT_EQ(folder_.check_unused(fs_).error().code, Errc::already_exists);
}

TEST_F(KeyFilesTest, TwoLogsNeverShareAName) {
  const Keys a = std::move(*Keys::generate("", "host.example", random_));
  const Keys b = std::move(*Keys::generate("", "host.example", random_));
  EXPECT_NE(a.signer.name(), b.signer.name());
  EXPECT_EQ(a.signer.name(), "host.example/" + a.log_id());
  EXPECT_EQ(Keys::generate("two words", "", random_).error().code, Errc::invalid_argument);
}

TEST(RealKeyFilesTest, OnlyTheOwnerCanReadThemOrTheyAreRefused) {
  const storage::TemporaryDirectory temporary;
  RepeatableRandom random(5);
  auto& fs = storage::posix_file_system();
  const KeyFolder folder(temporary / "keys");
  ASSERT_TRUE(folder.store(fs, *Keys::generate("origin.example/log", "", random)));
  struct ::stat status {};
  ASSERT_EQ(::stat(folder.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
  for (const char* name : {"/sign.key", "/head.key", "/hmac.key"}) {
    const std::string path = folder.path() + name;
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U) << name;
    ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
    const auto read = folder.load(fs);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::permission_denied);
    EXPECT_NE(read.error().detail.find("chmod 600"), std::string::npos);
    ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  }
  EXPECT_TRUE(folder.load(fs));
}

}  // namespace
}  // namespace tally::log
