// SPDX-License-Identifier: Apache-2.0
#include "spool/spool_file.h"

#include "base/limits.h"
#include "storage/simulated_file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace tally::spool {
namespace {

using storage::SimulatedFileSystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string kPath = "/s/a.spool";

class SpoolFileTest : public ::testing::Test {
 protected:
  SpoolFileTest() { EXPECT_TRUE(fs.make_directory("/s")); }

  /// Writes these records and closes the file, as a process that ends does.
  void write(const std::vector<std::string>& records) {
    auto file = SpoolFile::create(fs, kPath);
    ASSERT_TRUE(file) << file.error().detail;
    for (const auto& record : records) ASSERT_TRUE((*file)->add(record));
    ASSERT_TRUE((*file)->sync());
  }
  struct Content {
    std::vector<std::string> records;
    int damaged = 0;
  };
  Content read() {
    Content out;
    auto file = SpoolFile::adopt(fs, kPath);
    EXPECT_TRUE(file) << file.error().detail;
    if (!file || *file == nullptr) return out;
    std::string record;
    for (;;) {
      const auto step = (*file)->next(record);
      EXPECT_TRUE(step);
      if (!step || *step == SpoolFile::Step::end) return out;
      if (*step == SpoolFile::Step::record) {
        out.records.push_back(record);
      } else {
        ++out.damaged;
      }
    }
  }
  SimulatedFileSystem fs;
};

TEST_F(SpoolFileTest, TheFormatIsText) {
  write({R"({"a":1})"});
  // printf %s {"a":1} | sha256sum begins 015abd7f5cc57a2d; the records begin at byte 137.
  const std::string content = *fs.content(kPath);
  EXPECT_THAT(content,
              StartsWith("tallystick-spool 2\n00000000000000000137 00000000000000000000 "));
  EXPECT_EQ(content.substr(137), "015abd7f5cc57a2d {\"a\":1}\n");
}

TEST_F(SpoolFileTest, WhatWasAddedComesBackInOrder) {
  const std::string longest(kEntryBytesMax, 'x');
  write({"1", longest, "3"});
  EXPECT_THAT(read().records, ElementsAre("1", longest, "3"));
  EXPECT_EQ(read().damaged, 0);
}

TEST_F(SpoolFileTest, ATornEndIsTolerated) {
  write({"first", "second"});
  const std::string whole = *fs.content(kPath);
  const std::size_t second = whole.size() - std::string("0123456789abcdef second\n").size();
  for (std::size_t size = second; size < whole.size(); ++size) {
    fs.put(kPath, whole.substr(0, size));
    const Content content = read();
    EXPECT_THAT(content.records, ElementsAre("first"));
    EXPECT_EQ(content.damaged, size == second ? 0 : 1);
  }
}

TEST_F(SpoolFileTest, AnyFlippedByteCostsAtMostItsLineAndTheNext) {
  write({"first", "second", "third"});
  const std::string whole = *fs.content(kPath);
  for (std::size_t i = 137; i < whole.size(); ++i) {
    std::string bad = whole;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    fs.put(kPath, bad);
    const Content content = read();
    EXPECT_GE(content.records.size(), 1U);
    EXPECT_LE(content.records.size(), 2U);
    EXPECT_GE(content.damaged, 1);
    for (const auto& record : content.records) {
      EXPECT_TRUE(record == "first" || record == "second" || record == "third") << record;
    }
  }
}

TEST_F(SpoolFileTest, ZerosThatAPowerCutLeftAreSkipped) {
  write({"first", "second"});
  std::string content = *fs.content(kPath);
  content.insert(137, std::string(3 * kEntryBytesMax, '\0') + "\n");
  fs.put(kPath, content);
  EXPECT_THAT(read().records, ElementsAre("first", "second"));
  fs.put(kPath, std::string(10, '\0'));
  EXPECT_THAT(read().records, IsEmpty());
  fs.put(kPath, "");
  EXPECT_THAT(read().records, IsEmpty());
}

TEST_F(SpoolFileTest, WhatIsNotedIsNotGivenAgain) {
  write({"1", "2", "3"});
  {
    auto file = SpoolFile::adopt(fs, kPath);
    std::string record;
    ASSERT_EQ((*file)->next(record), SpoolFile::Step::record);
    ASSERT_EQ((*file)->next(record), SpoolFile::Step::record);
    ASSERT_TRUE((*file)->note_replayed());
    (*file)->rewind();
    ASSERT_EQ((*file)->next(record), SpoolFile::Step::record);
    EXPECT_EQ(record, "3");
  }
  EXPECT_THAT(read().records, ElementsAre("3"));
  // Of a torn note the older one is left.
  std::string content = *fs.content(kPath);
  content[19 + 59] = '9';
  fs.put(kPath, content);
  EXPECT_THAT(read().records, ElementsAre("1", "2", "3"));
}

TEST_F(SpoolFileTest, ABatchThatWasBegunSaysSo) {
  write({"1", "2", "3"});
  std::string record;
  {
    auto file = SpoolFile::adopt(fs, kPath);
    (*file)->begin_batch();
    EXPECT_EQ((*file)->begun(), std::nullopt);
    ASSERT_EQ((*file)->next(record), SpoolFile::Step::record);
    ASSERT_TRUE((*file)->note_begun(41));
    (*file)->batch_written();
    (*file)->begin_batch();
    EXPECT_EQ((*file)->begun(), std::nullopt);
    ASSERT_EQ((*file)->next(record), SpoolFile::Step::record);
    ASSERT_TRUE((*file)->note_begun(42));
  }
  const std::string content = *fs.content(kPath);
  const auto begun = [&](const std::string& bytes) {
    fs.put(kPath, bytes);
    auto file = SpoolFile::adopt(fs, kPath);
    (*file)->begin_batch();
    EXPECT_EQ((*file)->next(record), SpoolFile::Step::record);
    return (*file)->begun();
  };
  EXPECT_EQ(begun(content), 42U);
  EXPECT_EQ(record, "2");
  std::string torn = content;
  torn[19 + 30] ^= 1;  // the newer note: the second one written went to the first place
  EXPECT_EQ(begun(torn), 41U);
  EXPECT_EQ(record, "1");
  torn[19 + 59 + 30] ^= 1;
  EXPECT_EQ(begun(torn), std::nullopt);
  EXPECT_EQ(record, "1");
}

TEST_F(SpoolFileTest, OneOwnerAtATime) {
  auto owner = SpoolFile::create(fs, kPath);
  ASSERT_TRUE(owner);
  EXPECT_EQ(*SpoolFile::adopt(fs, kPath), nullptr);
  EXPECT_EQ(SpoolFile::create(fs, kPath).error().code, Errc::already_exists);
  owner->reset();
  EXPECT_NE(*SpoolFile::adopt(fs, kPath), nullptr);
  EXPECT_EQ(*SpoolFile::adopt(fs, "/s/none"), nullptr);
}

TEST_F(SpoolFileTest, AFailedAddLeavesNothing) {
  for (const auto kind :
       {storage::FaultKind::io_error, storage::FaultKind::disk_full,
        storage::FaultKind::disk_full_part_written, storage::FaultKind::short_write}) {
    auto file = SpoolFile::create(fs, kPath);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->add("first"));
    fs.fail_at(fs.steps(), kind);
    fs.fail_at(fs.steps() + 1, storage::FaultKind::io_error);  // nor can it be cut off
    EXPECT_FALSE((*file)->add("lost, and longer than what follows"));
    ASSERT_TRUE((*file)->add("third"));
    file->reset();
    EXPECT_THAT(read().records, ElementsAre("first", "third"));
    fs.erase(kPath);
  }
}

TEST_F(SpoolFileTest, RemovedTwiceIsRemoved) {
  auto file = SpoolFile::create(fs, kPath);
  ASSERT_TRUE(file);
  fs.fail_at(fs.steps() + 1, storage::FaultKind::failed_sync);
  EXPECT_FALSE((*file)->remove());
  EXPECT_TRUE((*file)->remove());
  EXPECT_THAT(fs.paths(), IsEmpty());
}

}  // namespace
}  // namespace tally::spool
