// SPDX-License-Identifier: Apache-2.0
#include "cli/append_batches.h"

#include "base/random.h"
#include "log/create.h"
#include "log/reader.h"
#include "storage/simulated_file_system.h"

#include <gtest/gtest.h>

namespace tally::cli {
namespace {

log::EntryText entry(int n, std::size_t padding = 0) {
  return *log::EntryText::from_object("{\"n\":" + std::to_string(n) + ",\"x\":\"" +
                                      std::string(padding, 'x') + "\"}");
}

class AppendBatchesTest : public ::testing::Test {
 protected:
  AppendBatchesTest() {
    const auto environment = [](const std::string& name) -> std::optional<std::string> {
      return name == "HOME" ? std::optional<std::string>("/home") : std::nullopt;
    };
    auto opened = log::open_or_create(fs_, "/log", {}, false, environment, system_random());
    keys_ = std::make_shared<log::Keys>(std::move(opened->keys));
    writer_ = *log::Writer::open(fs_, "/log", keys_, system_clock());
  }
  std::vector<std::string> lines() {
    auto reader = *log::Reader::open(fs_, "/log");
    std::vector<std::string> out;
    EXPECT_TRUE(reader.scan(*reader.head(), LeafIndex{0}, [&](LeafIndex, std::string_view line) {
      out.emplace_back(line);
      return true;
    }));
    return out;
  }

  storage::SimulatedFileSystem fs_;
  std::shared_ptr<log::Keys> keys_;
  std::unique_ptr<log::Writer> writer_;
};

TEST_F(AppendBatchesTest, EverythingArrivesInOrder) {
  AppendBatches batches(*writer_, kCommitEntriesMax);
  constexpr int kMany = 10'000;
  for (int n = 0; n < kMany; ++n) ASSERT_TRUE(batches.add(entry(n), static_cast<std::uint64_t>(n)));
  batches.finish();
  EXPECT_EQ(batches.appended(), static_cast<std::uint64_t>(kMany));
  EXPECT_TRUE(batches.lost().empty());
  const auto all = lines();
  ASSERT_EQ(all.size(), static_cast<std::size_t>(kMany));
  for (int n = 0; n < kMany; ++n) {
    const std::string number = std::to_string(n);
    EXPECT_EQ(all[static_cast<std::size_t>(n)],
              "{\"seq\":" + number + ",\"n\":" + number + ",\"x\":\"\"}");
  }
}

TEST_F(AppendBatchesTest, BatchesOfOneAndOfLargeEntriesToo) {
  AppendBatches one(*writer_, 1);
  for (int n = 0; n < 20; ++n) ASSERT_TRUE(one.add(entry(n), 1));
  one.finish();
  EXPECT_EQ(one.appended(), 20U);
  AppendBatches large(*writer_, kCommitEntriesMax);
  for (int n = 0; n < 100; ++n) ASSERT_TRUE(large.add(entry(n, 47'000), 1));
  large.finish();
  EXPECT_EQ(large.appended(), 100U);
}

TEST_F(AppendBatchesTest, IdleHandsOverWhatIsThereAndThenHasNothingToDo) {
  AppendBatches batches(*writer_, kCommitEntriesMax);
  EXPECT_FALSE(batches.idle());
  ASSERT_TRUE(batches.add(entry(0), 1));
  EXPECT_TRUE(batches.idle());  // hands it over
  EXPECT_TRUE(batches.idle());  // waits for it
  EXPECT_FALSE(batches.idle());
  EXPECT_EQ(batches.appended(), 1U);
  EXPECT_EQ(lines().size(), 1U);
}

TEST_F(AppendBatchesTest, WhatIsLostIsKnownByItsLinesAndNothingIsAddedBehindIt) {
  AppendBatches batches(*writer_, 10);
  for (int n = 0; n < 10; ++n)
    ASSERT_TRUE(batches.add(entry(n), static_cast<std::uint64_t>(n) + 1));
  while (batches.idle()) {
  }
  ASSERT_EQ(batches.appended(), 10U);
  ASSERT_TRUE(writer_->close());  // from here on every batch is refused
  bool more = true;
  std::uint64_t line = 10;
  while (more && line < 1'000) more = batches.add(entry(0), ++line);
  batches.finish();
  EXPECT_EQ(batches.appended(), 10U);
  ASSERT_EQ(batches.lost().size(), 1U);
  EXPECT_EQ(batches.lost()[0].first, 11U);
  EXPECT_EQ(batches.lost()[0].last, line);
  EXPECT_EQ(batches.lost()[0].why.code, Errc::closed);
  EXPECT_LE(line, 32U);
  EXPECT_EQ(lines().size(), 10U);
}

}  // namespace
}  // namespace tally::cli
