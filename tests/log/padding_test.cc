// SPDX-License-Identifier: Apache-2.0
#include "log/padding.h"

#include "base/encoding.h"
#include "storage/simulated_file_system.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace tally::log {
namespace {

std::unique_ptr<storage::File> file_of(storage::SimulatedFileSystem& fs, std::string content) {
  fs.put("/segment", std::move(content));
  return std::move(*fs.open("/segment", storage::OpenMode::read));
}

TEST(PaddingTest, ContentEndsBehindTheLineFeedOfItsLastLine) {
  storage::SimulatedFileSystem fs;
  struct Case {
    std::string content;
    std::uint64_t from;
    std::uint64_t end;
  };
  for (const Case& c :
       {Case{"", 0, 0}, Case{"\n\n\n", 0, 0}, Case{"ab", 0, 2}, Case{"ab\n", 0, 3},
        Case{"ab\n\n\n", 0, 3}, Case{"ab\n\n\n", 3, 3}, Case{"ab\n\n\ncd", 3, 7},
        Case{"ab\n\n\ncd\n\n", 3, 8}, Case{std::string("ab\n\0", 4), 3, 4}, Case{"ab\n", 3, 3}}) {
    EXPECT_EQ(content_end(*file_of(fs, c.content), c.from), c.end)
        << "of '" << c.content << "' from " << c.from;
  }
}

TEST(PaddingTest, ContentIsFoundBehindALotOfPadding) {
  storage::SimulatedFileSystem fs;
  const std::string padding(3 * kRoomBytes, kPadding);
  EXPECT_EQ(content_end(*file_of(fs, "ab\n" + padding), 3), 3U);
  EXPECT_EQ(content_end(*file_of(fs, "ab\n" + padding + "cd\n" + padding), 3),
            3 + padding.size() + 3);
}

TEST(PaddingTest, TheByteBehindTheLinesTellsRoomFromLines) {
  storage::SimulatedFileSystem fs;
  const auto file = file_of(fs, "ab\n\n{");
  EXPECT_EQ(is_padding_at(*file, 3), true);
  EXPECT_EQ(is_padding_at(*file, 4), false);
  EXPECT_EQ(is_padding_at(*file, 5), true) << "the end of the file";
}

TEST(PaddingTest, AFileThatCannotBeReadIsSaid) {
  storage::SimulatedFileSystem fs;
  const auto file = file_of(fs, "ab\n\n");
  fs.fail_read_at(fs.read_steps());
  EXPECT_EQ(content_end(*file, 3).error().code, Errc::io);
  fs.fail_read_at(fs.read_steps());
  EXPECT_EQ(is_padding_at(*file, 3).error().code, Errc::io);
}

}  // namespace
}  // namespace tally::log
