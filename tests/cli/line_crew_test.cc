// SPDX-License-Identifier: Apache-2.0
#include "cli/line_crew.h"

#include "base/limits.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>

namespace tally::cli {
namespace {

LineChunk chunk_of(const std::vector<std::string>& lines, std::uint64_t first) {
  LineChunk chunk;
  for (const std::string& line : lines) chunk.add(line, first++);
  return chunk;
}

/// Makes {"line":"TEXT"} of every line, and refuses empty ones.
LineWorker wrapping_worker() {
  return [](LineChunk& chunk) {
    for (LineChunk::Line& line : chunk.lines()) {
      if (!line.open) continue;
      line.open = false;
      line.entry =
          line.bytes == 0
              ? fail(Errc::malformed, "empty")
              : log::EntryText::from_object("{\"line\":\"" + std::string(chunk.text(line)) + "\"}");
    }
  };
}

class LineCrewTest : public ::testing::TestWithParam<unsigned> {};

TEST_P(LineCrewTest, WhatComesOutIsInTheOrderOfTheInput) {
  LineCrew crew(GetParam(), wrapping_worker);
  constexpr std::uint64_t kChunks = 500;
  std::uint64_t next = 0;
  const auto take = [&] {
    LineChunk chunk = crew.take();
    for (LineChunk::Line& line : chunk.lines()) {
      EXPECT_EQ(line.number, next++);
      EXPECT_FALSE(line.open);
      if (line.number % 7 == 0) {
        EXPECT_EQ(line.entry.error().detail, "empty");
      } else {
        EXPECT_EQ(line.entry->object(), "{\"line\":\"" + std::to_string(line.number) + "\"}");
      }
    }
  };
  for (std::uint64_t i = 0; i < kChunks; ++i) {
    const auto text = [](std::uint64_t n) { return n % 7 == 0 ? "" : std::to_string(n); };
    crew.give(chunk_of({text(3 * i), text(3 * i + 1), text(3 * i + 2)}, 3 * i));
    while (crew.crowded()) take();
  }
  while (!crew.idle()) take();
  EXPECT_EQ(next, 3 * kChunks);
}

TEST_P(LineCrewTest, EndsWithWorkOnItsWay) {
  LineCrew crew(GetParam(), wrapping_worker);
  for (int i = 0; i < 20; ++i) crew.give(chunk_of({"a", "b"}, 0));
}

INSTANTIATE_TEST_SUITE_P(Helpers, LineCrewTest, ::testing::Values(0U, 1U, 3U));

TEST(LineCrewHelpersTest, HelpersWorkWhileTheGiverDoesSomethingElse) {
  std::promise<void> worked;
  std::atomic<bool> first = true;
  std::set<std::thread::id> threads;
  LineCrew crew(1, [&]() -> LineWorker {
    return [&](LineChunk&) {
      threads.insert(std::this_thread::get_id());
      if (first.exchange(false)) worked.set_value();
    };
  });
  crew.give(chunk_of({"a"}, 0));
  worked.get_future().wait();
  static_cast<void>(crew.take());
  EXPECT_FALSE(threads.contains(std::this_thread::get_id()));
}

TEST(LineChunkTest, IsFullByBytesOrByLines) {
  LineChunk chunk;
  EXPECT_TRUE(chunk.empty());
  chunk.add(std::string(kLineChunkBytes - 1, 'x'), 1);
  EXPECT_FALSE(chunk.full());
  chunk.add("y", 2);
  EXPECT_TRUE(chunk.full());
  EXPECT_EQ(chunk.text(chunk.lines()[1]), "y");
  chunk.clear();
  EXPECT_TRUE(chunk.empty());
  for (std::size_t i = 0; i < kLineChunkLines; ++i) {
    EXPECT_FALSE(chunk.full());
    chunk.add_refused(i, {Errc::too_large, "too long"});
  }
  EXPECT_TRUE(chunk.full());
  EXPECT_FALSE(chunk.lines()[0].open);
}

}  // namespace
}  // namespace tally::cli
