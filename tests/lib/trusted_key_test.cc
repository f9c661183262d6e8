// SPDX-License-Identifier: Apache-2.0
#include "lib/trusted_key.h"

#include "log/create.h"
#include "storage/simulated_file_system.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace tally::lib {
namespace {

log::Environment with_home(bool home) {
  return [home](const std::string& name) -> std::optional<std::string> {
    return home && name == "HOME" ? std::optional<std::string>("/home-of-test") : std::nullopt;
  };
}

class TrustedKeyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = log::open_or_create(fs_, "/log", {}, false, with_home(true), system_random());
    ASSERT_TRUE(opened) << opened.error().detail;
    info_ = opened->info;
    key_ = opened->keys.signer.verifier().vkey();
  }
  Result<crypto::NoteVerifier> trusted(bool home, const std::string& keys_path = {}) {
    return trusted_key(fs_, layout_, *info_, keys_path, with_home(home));
  }
  void replace_own_key(const std::string& content) {
    ASSERT_TRUE(storage::replace_file(fs_, layout_.public_key(), content));
  }

  storage::SimulatedFileSystem fs_;
  log::Layout layout_{"/log"};
  std::optional<log::LogInfo> info_;
  std::string key_;
};

TEST_F(TrustedKeyTest, the_pinned_key_comes_before_the_logs_own) {
  replace_own_key("not read\n");
  EXPECT_EQ(trusted(true)->vkey(), key_);
}

TEST_F(TrustedKeyTest, the_logs_own_key_does_where_nothing_is_pinned) {
  EXPECT_EQ(trusted(false)->vkey(), key_);
  EXPECT_EQ(trusted(true, "/elsewhere")->vkey(), key_);
}

TEST_F(TrustedKeyTest, says_which_file_holds_no_key) {
  replace_own_key("no key\n");
  const auto key = trusted(false);
  ASSERT_FALSE(key);
  EXPECT_NE(key.error().detail.find("/log/key.pub"), std::string::npos);
  ASSERT_TRUE(fs_.remove(layout_.public_key()));
  EXPECT_EQ(trusted(false).error().code, Errc::not_found);
}

}  // namespace
}  // namespace tally::lib
