// SPDX-License-Identifier: Apache-2.0
#include "log/create.h"

#include "log/checkpoint_files.h"
#include "log/log_fixture.h"
#include "log/writing_process.h"
#include "storage/temporary_directory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

namespace tally::log {
namespace {

using storage::FaultKind;
using storage::SimulatedFileSystem;

class CreateTest : public ::testing::Test {
 protected:
  Result<OpenedLog> open(const CreateOptions& options = {}, bool hash_given = false) {
    return open_or_create(fs_, "/a/b/log", options, hash_given, test_environment(), random_);
  }
  Errc refusal(const CreateOptions& options = {}, bool hash_given = false) {
    const auto opened = open(options, hash_given);
    EXPECT_FALSE(opened);
    return opened ? Errc::closed : opened.error().code;
  }
  SimulatedFileSystem fs_;
  RepeatableRandom random_{7};
  Layout layout_{"/a/b/log"};
};

TEST_F(CreateTest, AnEmptyLogIsSignedAndDurable) {
  const auto opened = open();
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_TRUE(opened->created);
  EXPECT_EQ(opened->info.id, opened->keys.log_id());
  EXPECT_EQ(opened->info.origin, "localhost/" + opened->info.id);
  const auto after = fs_.after_power_cut(0);
  const auto signed_tree = read_checkpoint(*after, layout_, opened->keys.signer.verifier());
  ASSERT_TRUE(signed_tree) << signed_tree.error().detail;
  EXPECT_EQ(signed_tree->size(), TreeSize{0});
  expect_lives_on(*after, Ledger("/a/b/log"));
}

TEST_F(CreateTest, TheSecondTimeItIsOpened) {
  const auto first = open();
  const auto second = open();
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->created);
  EXPECT_EQ(second->info, first->info);
}

TEST_F(CreateTest, OriginHostAndAlgorithmAreThoseAskedFor) {
  CreateOptions options;
  options.host = "host.example";
  options.hash = crypto::HashAlgorithm::sha512;
  EXPECT_EQ(open(options)->info.origin.rfind("host.example/", 0), 0U);
  options.origin = "origin.example/x";
  ASSERT_TRUE(open_or_create(fs_, "/other", options, true, test_environment(), random_));
  const auto other = open_or_create(fs_, "/other", options, true, test_environment(), random_);
  EXPECT_EQ(other->info.origin, "origin.example/x");
  EXPECT_EQ(other->info.hash, crypto::HashAlgorithm::sha512);
}

TEST_F(CreateTest, AnotherAlgorithmThanTheLogsIsRefused) {
  ASSERT_TRUE(open());
  CreateOptions options;
  options.hash = crypto::HashAlgorithm::sha384;
  EXPECT_EQ(refusal(options, true), Errc::mismatch);
  EXPECT_TRUE(open(options, false)) << "a default was not asked for";
}

TEST_F(CreateTest, ABadOriginIsRefusedAndLeavesNoLog) {
  CreateOptions options;
  options.origin = "has space";
  EXPECT_EQ(refusal(options), Errc::invalid_argument);
  EXPECT_EQ(fs_.content(layout_.info()), std::nullopt);
  EXPECT_TRUE(open()) << "a good one afterwards";
}

TEST_F(CreateTest, ADirectoryOfSomethingElseIsLeftAlone) {
  ASSERT_TRUE(storage::make_directories(fs_, "/a/b/log"));
  fs_.put("/a/b/log/photo.jpg", "x");
  const auto before = fs_.paths();
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::already_exists);
  EXPECT_NE(opened.error().detail.find("photo.jpg"), std::string::npos);
  EXPECT_EQ(fs_.paths(), before) << "not even a lock file";
}

TEST_F(CreateTest, EntriesWithoutLogJsonAreNeverOverwritten) {
  ASSERT_TRUE(open());
  fs_.put(layout_.segment(LeafIndex{0}), "{\"seq\":0,\"a\":1}\n");
  fs_.erase(layout_.info());
  EXPECT_EQ(refusal(), Errc::corrupt);
  EXPECT_EQ(fs_.content(layout_.segment(LeafIndex{0})), "{\"seq\":0,\"a\":1}\n");
}

TEST_F(CreateTest, AReadOnlyPlaceAndAFullDiskAreSaid) {
  fs_.set_read_only(true);
  EXPECT_EQ(refusal(), Errc::permission_denied);
  fs_.set_read_only(false);
  for (std::uint64_t capacity = 0;; capacity += 100) {
    fs_.set_capacity(capacity);
    const auto opened = open();
    if (opened) break;
    EXPECT_EQ(opened.error().code, Errc::disk_full) << opened.error().detail;
    ASSERT_LT(capacity, 100'000U);
  }
  fs_.set_capacity(1 << 30);
  expect_lives_on(*fs_.after_power_cut(0), Ledger("/a/b/log"));
}

TEST_F(CreateTest, ANetworkFileSystemNeedsTheUsersWord) {
  fs_.set_unsuitable("nfs");
  const auto refused = open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unsupported);
  EXPECT_NE(refused.error().detail.find("nfs"), std::string::npos);
  EXPECT_NE(refused.error().detail.find("--single-writer"), std::string::npos);
  CreateOptions options;
  options.single_writer = true;
  EXPECT_TRUE(open(options));
  EXPECT_EQ(refusal(), Errc::unsupported) << "also for a log that is there";
}

TEST_F(CreateTest, WithoutItsKeysALogIsNotOpened) {
  const auto opened = open();
  const std::string folder = "/home-of-test/.config/tallystick/" + opened->info.id;
  fs_.erase(folder + "/sign.key");
  const auto refused = open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::not_found);
  EXPECT_NE(refused.error().detail.find(folder), std::string::npos);
  EXPECT_NE(refused.error().detail.find("--keys"), std::string::npos);
}

TEST_F(CreateTest, AnInterruptedCreationIsFinishedWithAKeyFolderOfTheUsersChoice) {
  CreateOptions options;
  options.keys_path = "/my/keys";
  std::size_t with_key = 0;
  for (std::uint64_t step = 0;; ++step) {
    SimulatedFileSystem machine;
    machine.fail_at(step, FaultKind::crash_after);
    RepeatableRandom random(step);
    const auto first = open_or_create(machine, "/log", options, false, test_environment(), random);
    if (machine.faults_hit() == 0) break;
    ASSERT_FALSE(first);
    for (const bool power : {false, true}) {
      const auto next = power ? machine.after_power_cut(0) : machine.after_process_crash();
      const auto key = next->content("/my/keys/sign.key");
      const auto second = open_or_create(*next, "/log", options, false, test_environment(), random);
      ASSERT_TRUE(second) << "step " << step << ": " << second.error().detail;
      if (key) {
        ++with_key;
        EXPECT_EQ(next->content("/my/keys/sign.key"), key) << "the key that was there is the log's";
      }
      // The folder serves this log alone.
      EXPECT_FALSE(open_or_create(*next, "/second", options, false, test_environment(), random));
    }
  }
  EXPECT_GT(with_key, 10U);
}

TEST(CreateTogetherTest, ManyCreatorsMakeOneLog) {
  for (int round = 0; round < 20; ++round) {
    const storage::TemporaryDirectory temporary;
    const std::string directory = temporary / "state/log";
    const Environment environment = [&](const std::string& name) -> std::optional<std::string> {
      return name == "HOME" ? std::optional<std::string>(temporary / "home") : std::nullopt;
    };
    constexpr int kCreators = 8;
    std::vector<std::thread> creators;
    std::array<std::string, kCreators> origins;
    std::array<std::string, kCreators> errors;
    std::atomic<int> created = 0;
    for (std::size_t i = 0; i < kCreators; ++i) {
      creators.emplace_back([&, i] {
        auto opened = open_or_create(storage::posix_file_system(), directory, {}, false,
                                     environment, system_random());
        if (!opened) {
          errors[i] = opened.error().detail;
          return;
        }
        origins[i] = opened->info.origin;
        created += opened->created ? 1 : 0;
        auto keys = std::make_shared<Keys>(std::move(opened->keys));
        auto writer = Writer::open(storage::posix_file_system(), directory, keys, system_clock());
        if (!writer || !(*writer)->append(entry(static_cast<int>(i))))
          errors[i] += " and cannot append";
      });
    }
    for (auto& creator : creators) creator.join();
    EXPECT_EQ(created, 1) << "one of them made it";
    for (std::size_t i = 0; i < kCreators; ++i) {
      EXPECT_EQ(errors[i], "") << i;
      EXPECT_EQ(origins[i], origins[0]);
    }
    auto reader = Reader::open(storage::posix_file_system(), directory);
    EXPECT_EQ(reader->head()->size, TreeSize{kCreators});
  }
}

}  // namespace
}  // namespace tally::log
