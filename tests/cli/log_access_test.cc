// SPDX-License-Identifier: Apache-2.0
#include "cli/log_access.h"

#include "cli/program.h"
#include "storage/simulated_file_system.h"
#include "storage/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

namespace tally::cli {
namespace {

using ::testing::HasSubstr;

std::optional<std::string> only_home(const std::string& name) {
  return name == "HOME" ? std::optional<std::string>("/home-of-test") : std::nullopt;
}

class LogAccessTest : public ::testing::Test {
 protected:
  ~LogAccessTest() override { ::close(nowhere_); }
  int nowhere_ = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  Console console_{nowhere_, nowhere_, only_home};
  storage::SimulatedFileSystem fs_;
  Invocation call_{"append", {}, console_, fs_, system_clock(), system_random(), only_home};
};

TEST_F(LogAccessTest, TheDirectoryOfFlagEnvironmentOrHome) {
  LogFlags flags;
  EXPECT_EQ(*log_directory(flags, only_home), "/home-of-test/.local/state/tallystick/log");
  flags.directory = "/given";
  EXPECT_EQ(*log_directory(flags, only_home), "/given");
  flags.directory.clear();
  EXPECT_FALSE(
      log_directory(flags, [](const std::string&) { return std::optional<std::string>(); }));
}

TEST_F(LogAccessTest, TheFlagWinsOverTheSetting) {
  LogFlags flags;
  config::LogConfig settings;
  EXPECT_FALSE(creation_of(flags, settings)->hash_given);
  settings.hash = crypto::HashAlgorithm::sha512;
  EXPECT_TRUE(creation_of(flags, settings)->hash_given);
  EXPECT_EQ(creation_of(flags, settings)->options.hash, crypto::HashAlgorithm::sha512);
  flags.hash = "sha384";
  EXPECT_EQ(creation_of(flags, settings)->options.hash, crypto::HashAlgorithm::sha384);
  flags.hash = "md5";
  const auto bad = creation_of(flags, settings);
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().detail, HasSubstr("--hash"));
}

TEST_F(LogAccessTest, OpensMakesAndRefuses) {
  LogFlags flags;
  flags.directory = "/log";
  const auto missing = open_to_write(call_, flags, {}, IfMissing::fail);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::not_found);
  auto made = open_to_write(call_, flags, {}, IfMissing::create);
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_TRUE(is_uuid(made->instance));
  ASSERT_TRUE(made->writer->append(*log::EntryText::from_object("{\"n\":1}")));
  ASSERT_TRUE(made->writer->close());
  auto again = open_to_write(call_, flags, {}, IfMissing::fail);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->info, made->info);
  EXPECT_TRUE(report_recovery(call_, *again)) << "nothing to report is fine";
}

TEST_F(LogAccessTest, TheKeyGivenThenPinnedThenTheLogsOwn) {
  LogFlags flags;
  flags.directory = "/log";
  auto opened = open_to_write(call_, flags, {}, IfMissing::create);
  ASSERT_TRUE(opened);
  const log::Layout layout("/log");
  const auto& own = opened->keys->signer.verifier();
  EXPECT_EQ(*verifier_of(call_, flags, layout, opened->info, ""), own);
  const auto other = *crypto::NoteSigner::generate("other", system_random());
  const std::string vkey = other.verifier().vkey();
  EXPECT_EQ(*verifier_of(call_, flags, layout, opened->info, vkey), other.verifier());
  // A replaced key.pub does not matter while one is pinned.
  ASSERT_TRUE(storage::replace_file(fs_, layout.public_key(), vkey + "\n"));
  EXPECT_EQ(*verifier_of(call_, flags, layout, opened->info, ""), own);
  flags.keys = "/no/keys/here";
  EXPECT_EQ(*verifier_of(call_, flags, layout, opened->info, ""), other.verifier());
}

TEST_F(LogAccessTest, KeysAsTextOrInAFile) {
  const auto signer = *crypto::NoteSigner::generate("example.com/log", system_random());
  const std::string vkey = signer.verifier().vkey();
  EXPECT_EQ(*parse_key_argument(vkey), signer.verifier());
  storage::TemporaryDirectory directory;
  for (const std::string& content : {vkey, vkey + "\n"}) {
    test::write_whole(directory / "key", content);
    EXPECT_EQ(*parse_key_argument(directory / "key"), signer.verifier());
  }
  for (const std::string& content : {vkey + "\n\n", std::string("nonsense\n"), std::string()}) {
    test::write_whole(directory / "key", content);
    EXPECT_FALSE(parse_key_argument(directory / "key"));
  }
  const auto missing = parse_key_argument("no-such-key");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().detail, HasSubstr("neither a verifier key"));
  const auto secret = parse_key_argument(signer.skey());
  ASSERT_FALSE(secret);
  EXPECT_THAT(secret.error().detail, ::testing::Not(HasSubstr(signer.skey().substr(40))))
      << "a secret pasted by mistake is not repeated";
}

}  // namespace
}  // namespace tally::cli
