// SPDX-License-Identifier: Apache-2.0
#include "cli/export_output.h"

#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

namespace tally::cli {
namespace {

using ::testing::HasSubstr;

class ExportOutputTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<ExportOutput>> open() { return output_to_file(fs_, path_); }
  [[nodiscard]] bool exists(const std::string& path) { return fs_.stat(path)->has_value(); }

  test::User user_;
  storage::FileSystem& fs_ = storage::posix_file_system();
  std::string path_ = user_.home() + "/out.csv";
};

TEST_F(ExportOutputTest, AFileHasItsNameWhenItIsComplete) {
  auto output = open();
  ASSERT_TRUE(output) << output.error().detail;
  ASSERT_TRUE((*output)->write("ab"));
  ASSERT_TRUE((*output)->write("c"));
  EXPECT_FALSE(exists(path_));
  ASSERT_TRUE((*output)->finish());
  output->reset();
  EXPECT_EQ(test::read_whole(path_), "abc");
  EXPECT_FALSE(exists(path_ + ".partial"));
  struct stat info {};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(ExportOutputTest, WhatIsGivenUpLeavesTheOldFile) {
  user_.write("out.csv", "old");
  {
    auto output = open();
    ASSERT_TRUE(output && (*output)->write("new"));
  }
  EXPECT_EQ(test::read_whole(path_), "old");
  EXPECT_FALSE(exists(path_ + ".partial"));
}

TEST_F(ExportOutputTest, WhatAKilledProcessLeftIsWrittenOver) {
  user_.write("out.csv.partial", "much longer than what comes");
  auto output = open();
  ASSERT_TRUE(output && (*output)->write("x") && (*output)->finish());
  EXPECT_EQ(test::read_whole(path_), "x");
}

TEST_F(ExportOutputTest, TwoDoNotWriteOneFile) {
  const auto first = open();
  ASSERT_TRUE(first);
  const auto second = open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::already_exists);
}

TEST_F(ExportOutputTest, DevicesAndFoldersAreNotReplacedAndLinksAreFollowed) {
  for (const std::string& path : {std::string("/dev/null"), user_.home()}) {
    const auto refused = output_to_file(fs_, path);
    ASSERT_FALSE(refused) << path;
    EXPECT_THAT(refused.error().detail, HasSubstr("no file"));
  }
  user_.write("real.csv", "old");
  ASSERT_EQ(::symlink((user_.home() + "/real.csv").c_str(), path_.c_str()), 0);
  auto output = open();
  ASSERT_TRUE(output && (*output)->write("new") && (*output)->finish());
  EXPECT_EQ(test::read_whole(user_.home() + "/real.csv"), "new");
}

}  // namespace
}  // namespace tally::cli
