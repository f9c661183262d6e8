// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/folder.h"

#include "storage/temporary_directory.h"

#include <gtest/gtest.h>

#include <fstream>

namespace tally::index::sqlite {
namespace {

class FolderTest : public ::testing::Test {
 protected:
  storage::TemporaryDirectory directory_;
  storage::FileSystem& fs_ = storage::posix_file_system();
  Folder folder_{fs_, directory_.path()};
  log::LogInfo info_{"0123456789abcdef", "origin", crypto::HashAlgorithm::sha256};
};

TEST_F(FolderTest, NamesAreInTheOrderOfTheEntries) {
  EXPECT_TRUE(folder_.partitions()->empty());
  ASSERT_TRUE(folder_.lock());
  for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{131'072}, UINT64_MAX}) {
    std::ofstream(folder_.unfinished(first)) << "x";
    ASSERT_TRUE(folder_.finish(first));
  }
  std::ofstream(folder_.unfinished(5)) << "x";
  std::ofstream(folder_.path() + "/other.sqlite") << "x";
  EXPECT_EQ(*folder_.partitions(), (std::vector<std::uint64_t>{0, 131'072, UINT64_MAX}));
  folder_.remove(131'072);
  folder_.remove(131'072);
  EXPECT_EQ(folder_.partitions()->size(), 2U);
  ASSERT_TRUE(folder_.clear());
  EXPECT_TRUE(folder_.partitions()->empty());
  EXPECT_FALSE(std::filesystem::exists(folder_.unfinished(5)));
  EXPECT_TRUE(std::filesystem::exists(folder_.path() + "/other.sqlite"));
}

TEST_F(FolderTest, TheSeedBelongsToOneLog) {
  ASSERT_TRUE(folder_.lock());
  EXPECT_FALSE(folder_.read_seed(info_));
  const auto seed = folder_.make_seed(info_);
  ASSERT_TRUE(seed);
  EXPECT_EQ(folder_.read_seed(info_), *seed);
  EXPECT_NE(*seed, *folder_.make_seed(info_));
  log::LogInfo other = info_;
  other.id = "fedcba9876543210";
  EXPECT_FALSE(folder_.read_seed(other));
}

TEST_F(FolderTest, OneHolderAtATime) {
  ASSERT_TRUE(folder_.lock());
  Folder second(fs_, directory_.path());
  EXPECT_EQ(second.lock().error().code, Errc::overloaded);
  folder_ = Folder(fs_, directory_.path());
  EXPECT_TRUE(second.lock());
}

}  // namespace
}  // namespace tally::index::sqlite
